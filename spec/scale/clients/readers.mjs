// Clients of a gateway, of which some never read: two of three are websockets, and one reads server-sent events. Says
// how many frames each of those that read has, at least.

import { once } from 'node:events';
import { connect } from 'node:net';

const [port, readers, silent, frames] = process.argv.slice(2).map(Number);
const upgrade = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A client that is connected: its socket is paused. */
async function open(n) {
  const isSocket = n % 3 > 0;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const lines = [
    `GET ${isSocket ? '/api/stream?after=' : '/api/events'} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'authorization: Bearer scale',
    ...(isSocket ? upgrade : []),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  socket.pause();
  return socket;
}

const mark = Buffer.from(',"seq":');
const counts = [];

/** Counts the frames by the numbers that end them; each must follow the one before. */
function count(socket, n) {
  counts[n] = 0;
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, from)) {
      const end = bytes.indexOf('}', at);
      if (end < 0) break;
      const seq = Number(bytes.toString('latin1', at + mark.length, end));
      from = end;
      // That of `ready` does not end it.
      if (Number.isNaN(seq)) continue;
      if (seq !== counts[n] + 1) throw new Error(`${seq} after ${counts[n]}`);
      counts[n] = seq;
    }
    // The rest may begin a mark, or have one without its end.
    const begun = bytes.indexOf(mark, from);
    rest = bytes.subarray(begun < 0 ? Math.max(from, bytes.length - mark.length) : begun);
  });
  socket.resume();
}

for (let n = 0; n < readers; n++) count(await open(n), n);
for (let n = 0; n < silent; n++) await open(n);
process.send(0);
let told = 0;
const timer = setInterval(() => {
  const least = Math.min(...counts);
  if (least > told) process.send((told = least));
  if (least === frames) clearInterval(timer);
}, 2);
