// node bench/gateway.mjs: what the gateway costs, against a bare relay of websockets, with source, server and clients in
// processes of their own. Run `npm run build` first. Exits with 1 if a goal is missed.
//
//   --events N          events of each run (100,000; a third with 10 clients, a twentieth with 100)
//   --clients 1,10,100  how many clients
//   --rounds N          rounds, of which the median counts (5)
//
// events/s is that of one client, from its first event to its last: connectManager behind the gateway, JSON.parse behind
// the relay. CPU is that of the server process, for each event and client. Ratios are those of one round, in which the
// relay and the gateway take turns: the machine is the same for both.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    clients: { type: 'string', default: '1,10,100' },
    rounds: { type: 'string', default: '5' },
  },
});
const program = (name) => join(import.meta.dirname, 'gateway', name);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const kinds = ['relay', 'gateway'];
const counts = values.clients.split(',').map(Number);
const eventsFor = (clients) =>
  Math.ceil(Number(values.events) / (clients >= 100 ? 20 : clients >= 10 ? 3 : 1));

/** The results of each round, by kind and number of clients. */
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const results = new Map();
  for (const clients of counts) {
    for (const kind of kinds) {
      results.set(`${kind} ${clients}`, await measure(kind, clients, eventsFor(clients)));
    }
  }
  rounds.push((kind, clients, name) => results.get(`${kind} ${clients}`)[name]);
}
const figure = (of) => median(rounds.map(of));
const times = (name, clients) =>
  figure((of) => of('gateway', clients, name) / of('relay', clients, name));
console.table(
  counts.flatMap((clients) =>
    kinds.map((kind) => ({
      server: kind,
      clients,
      'events/s': Math.round(figure((of) => of(kind, clients, 'rate'))),
      'x relay': kind === 'relay' ? 1 : +times('rate', clients).toFixed(2),
      'CPU µs/event/client': +figure((of) => of(kind, clients, 'cpu')).toFixed(2),
      'CPU x relay': kind === 'relay' ? 1 : +times('cpu', clients).toFixed(2),
    })),
  ),
);
const most = Math.max(...counts);
const goals = [
  ...counts.map((clients) => [
    `events/s, x relay, clients: ${clients}`,
    times('rate', clients),
    '>=',
    0.8,
  ]),
  ...(counts.includes(1) && most >= 100
    ? [
        [
          `CPU for each client and event, clients: ${most}, x 1`,
          figure((of) => of('gateway', most, 'cpu') / of('gateway', 1, 'cpu')),
          '<=',
          0.5,
        ],
      ]
    : []),
];
for (const [name, value, relation, bound] of goals) {
  const isMet = relation === '>=' ? value >= bound : value <= bound;
  console.log(`${isMet ? 'ok  ' : 'MISS'} ${name}: ${value.toFixed(3)} ${relation} ${bound}`);
  if (!isMet) process.exitCode = 1;
}

/** One run: a source, a server of this kind, and clients. */
async function measure(kind, clients, events) {
  const source = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(source, 'listening');
  const connected = once(source, 'connection');
  const server = fork(program('server.mjs'), [kind, `ws://127.0.0.1:${source.address().port}`]);
  const [socket] = await connected;
  socket.on('message', (data) => {
    if (data.toString().includes('"ping"')) socket.send('{"type":"pong"}');
  });
  socket.send('{"type":"ready","threadId":null}');
  const [{ url }] = await once(server, 'message');
  const readers = fork(program('clients.mjs'), [kind, url, clients, events]);
  await once(readers, 'message');
  server.send('begin');
  await once(server, 'message');
  const done = once(readers, 'message');
  await sendAll(socket, events);
  const [{ rate }] = await done;
  server.send('end');
  const [{ cpu }] = await once(server, 'message');
  for (const process of [server, readers]) process.kill();
  socket.terminate();
  source.close();
  return { rate, cpu: cpu / events / clients };
}

/** Sends text as a model writes it, as fast as it is read. */
async function sendAll(socket, events) {
  const method = 'item/agentMessage/delta';
  for (let sent = 0; sent < events; sent++) {
    const params = { threadId: 't', turnId: 'u', itemId: 'i', delta: `word${sent} ` };
    const context = { threadId: 't', turnId: 'u' };
    const eventType = 'app_server.item.agent_message.delta';
    const payload = {
      source: 'app_server',
      signalType: 'notification',
      eventType,
      method,
      receivedAt: new Date(),
      context,
      params,
      session: null,
    };
    socket.send(JSON.stringify({ type: eventType, threadId: 't', payload }));
    if (socket.bufferedAmount > 2 ** 18) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
