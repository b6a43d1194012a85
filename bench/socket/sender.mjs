// The second process: a stream server that sends as fast as the client's socket takes it. The
// frames are encoded beforehand and written as 64 kB pieces, so that it is never the limit.
//
//   node sender.mjs <events> <mix>    mix: `recorded`, or `spread` (10,000 types, evenly)

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { argv } from 'node:process';
import { eventTypes, recordedEvents } from '../recorded.mjs';

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

async function writeInPieces(socket, bytes) {
  for (let at = 0; at < bytes.length; at += 65_536) {
    if (!socket.write(bytes.subarray(at, at + 65_536))) await once(socket, 'drain');
  }
}

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

/** An unmasked websocket frame of text (RFC 6455, 5.2). */
function textFrame(text) {
  const payload = Buffer.from(text);
  const { length } = payload;
  const header =
    length < 126
      ? [0x81, length]
      : length < 65_536
        ? [0x81, 126, length >> 8, length & 255]
        : [
            0x81,
            127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 255,
            (length >> 8) & 255,
            length & 255,
          ];
  return Buffer.concat([Buffer.from(header), payload]);
}

function handshake(key) {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept.digest('base64')}`,
    '\r\n',
  ].join('\r\n');
}
