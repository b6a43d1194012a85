// The second process: a stream server that sends as fast as the client's socket takes it. The
// frames are encoded beforehand and written as 64 kB pieces, so that it is never the limit.
//
//   node sender.mjs <events> <mix>    mix: `recorded`, or `spread` (10,000 types, evenly)

import { once } from 'node:events';
import { createServer } from 'node:http';
import { argv } from 'node:process';
import { eventTypes, recordedEvents } from '../recorded.mjs';
import { handshake, textFrame, writeInPieces } from './frames.mjs';

const [events, mix] = [Number(argv[2]), argv[3]];
const pool = mix === 'spread' ? spread(10_000) : recordedEvents();
const frames = pool.map((event) => textFrame(JSON.stringify(event)));
const ready = textFrame('{"type":"ready","threadId":null}');
const end = textFrame('{"type":"bench.end","payload":null}');

process.on('disconnect', () => process.exit());
const go = once(process, 'message');
const server = createServer();
server.on('upgrade', async (request, socket) => {
  socket.write(handshake(request.headers['sec-websocket-key']));
  socket.write(ready);
  await go;
  const round = Buffer.concat(frames);
  for (let sent = 0; sent < events; sent += frames.length) {
    const left = frames.slice(0, events - sent);
    await writeInPieces(socket, left.length < frames.length ? Buffer.concat(left) : round);
  }
  socket.write(end);
});
server.listen(0, '127.0.0.1', () => {
  process.send({ port: server.address().port, counts: countTypes() });
});

/** How many events of each type a client gets, so that it can tell whether one was lost. */
function countTypes() {
  const counts = {};
  for (let i = 0; i < events; i++) {
    const { type } = pool[i % pool.length];
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

/** Recorded events under `count` different types, each as often as any other. */
function spread(count) {
  const recorded = recordedEvents();
  return eventTypes(count).map((type, i) => ({ ...recorded[i % recorded.length], type }));
}
