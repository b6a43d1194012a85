// node bench/gateway.mjs: what the gateway costs, against a bare relay of websockets, with source, server and clients in
// processes of their own. Run `npm run build` first.
//
//   --events N       events of each run (30,000; a tenth with 100 clients)
//   --clients 1,100  how many clients
//   --rounds N       rounds, of which the median counts (3)
//
// events/s is that of one client, from its first event to its last: connectManager behind the gateway, JSON.parse behind
// the relay. CPU is that of the server process, for each event and client.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '30000' },
    clients: { type: 'string', default: '1,100' },
    rounds: { type: 'string', default: '3' },
  },
});
const program = (name) => join(import.meta.dirname, 'gateway', name);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const kinds = ['relay', 'gateway'];

const rows = [];
for (const clients of values.clients.split(',').map(Number)) {
  const events = Math.ceil(Number(values.events) / (clients >= 100 ? 10 : 1));
  const results = Object.fromEntries(kinds.map((kind) => [kind, []]));
  // One after the other in each round: the machine is the same for both.
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const kind of kinds) results[kind].push(await measure(kind, clients, events));
  }
  const figure = (kind, name) => median(results[kind].map((result) => result[name]));
  for (const kind of kinds) {
    rows.push({
      server: kind,
      clients,
      'events/s': Math.round(figure(kind, 'rate')),
      'x relay': +(figure(kind, 'rate') / figure('relay', 'rate')).toFixed(2),
      'CPU µs/event/client': +figure(kind, 'cpu').toFixed(2),
      'CPU x relay': +(figure(kind, 'cpu') / figure('relay', 'cpu')).toFixed(2),
    });
  }
}
console.table(rows);

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
