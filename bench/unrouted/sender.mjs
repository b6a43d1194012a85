// The second process: a stream server that sends each client a slice when it is asked to. Frames are encoded, and slices
// put together, before that, so that it is never the limit.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { recordedEvents } from '../recorded.mjs';
import { handshake, textFrame, writeInPieces } from '../socket/frames.mjs';

const sessions = 100;

/** Types that requests read, which are always parsed. */
const needed =
  /^(approval|tool_|server_request$|session_deleted$)|^app_server\.(request\.|item\.(started|completed|file_change\.patch_updated)$|server_request\.|turn\.completed$|thread\.(closed|deleted)$)/;

const events = recordedEvents();
/** Each as pieces of text between its thread ids. */
const known = [...new Set(events.map(({ threadId }) => threadId).filter(Boolean))];
const ids = new RegExp(known.join('|'), 'g');
const inPieces = (events) => events.map((event) => JSON.stringify(event).split(ids));
const mixes = {
  recorded: () => recorded(events.map((event) => textFrame(JSON.stringify(event)))),
  sessions: () => interleaved(inPieces(events)),
  lean: () => interleaved(inPieces(events.filter(({ type }) => !needed.test(type)))),
};

/** The thread of a session: the sessions differ in nothing else. */
const threadOf = (session) => `00000000-0000-7000-8000-${String(session).padStart(12, '0')}`;

/** The frames as they were recorded, over and over. */
function* recorded(frames) {
  for (;;) yield* frames;
}

/** Frames of a hundred sessions, in turn, each a little further than the one before. */
function* interleaved(pool) {
  const cursors = Array.from({ length: sessions }, (_, session) =>
    Math.floor((session * pool.length) / sessions),
  );
  for (;;) {
    for (let session = 0; session < sessions; session++) {
      const pieces = pool[cursors[session]++ % pool.length];
      yield textFrame(pieces.join(threadOf(session)));
    }
  }
}

const end = textFrame('{"type":"bench.end","threadId":null,"payload":null}');
const clients = [];
const prepared = [];

process.on('disconnect', () => process.exit());
process.on('message', ({ prepare, go, frames }) => {
  if (prepare !== undefined) {
    const { source } = clients[prepare];
    const slice = Array.from({ length: frames }, () => source.next().value);
    prepared[prepare] = Buffer.concat([...slice, end]);
    process.send('prepared');
  } else void writeInPieces(clients[go].socket, prepared[go]);
});

const server = createServer();
server.on('upgrade', (request, socket) => {
  const mix = new URL(request.url, 'http://localhost').searchParams.get('mix');
  clients.push({ socket, source: mixes[mix]() });
  socket.on('error', () => undefined);
  socket.write(handshake(request.headers['sec-websocket-key']));
  socket.write(textFrame('{"type":"ready","threadId":null}'));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send({ port: server.address().port });
