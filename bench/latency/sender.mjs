// A stream server that sends single events, one every millisecond, to its two clients in turn, each
// with the time of the machine's monotonic clock: what disturbs one client disturbs the other.
//
//   node sender.mjs <events>

import { argv, hrtime } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { recordedEvents } from '../recorded.mjs';

const events = Number(argv[2]);
const delta = recordedEvents().find(({ type }) => type === 'app_server.item.agent_message.delta');
const text = JSON.stringify(delta);
const warmUp = 20_000;
const sockets = [];

process.on('disconnect', () => process.exit());
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('connection', async (socket) => {
  socket.send('{"type":"ready","threadId":null}');
  sockets.push(socket);
  if (sockets.length < 2) return;
  // First as many as it takes for V8 to have compiled what both do with an event.
  for (let sent = 0; sent < warmUp; sent++) for (const each of sockets) each.send(text);
  await sleep(1_000);
  for (let sent = 0; sent < events; sent++) {
    for (const turn of [0, 1]) {
      const at = hrtime.bigint().toString();
      sockets[(sent + turn) % 2].send(
        JSON.stringify({ ...delta, payload: { ...delta.payload, at } }),
      );
      await sleep(1);
    }
  }
  for (const socket of sockets) socket.send('{"type":"bench.end","payload":null}');
});
server.on('listening', () => process.send({ port: server.address().port }));
