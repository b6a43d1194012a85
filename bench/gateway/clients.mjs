// The clients of the server that is measured, of which the first is timed.

import { connectManager, ofAppServer } from 'codex-rx';
import { WebSocket } from 'ws';

const [kind, url, clients, events] = process.argv.slice(2);
const count = Number(events);
let [start, left] = [0, Number(clients)];
let rate = 0;

await Promise.all(Array.from({ length: left }, (_, at) => client(at === 0)));
process.send({});

async function client(isTimed) {
  let seen = 0;
  const heard = () => {
    seen++;
    if (isTimed && seen === 1) start = performance.now();
    if (seen < count) return;
    if (isTimed) rate = ((count - 1) / (performance.now() - start)) * 1_000;
    if (--left === 0) process.send({ rate });
  };
  if (kind === 'gateway' && isTimed) {
    const stream = connectManager({ url, token: 'bench', health: false });
    stream.on(ofAppServer('item/agentMessage/delta'), heard);
    return stream.connect();
  }
  const headers = { authorization: 'Bearer bench' };
  const path = kind === 'gateway' ? '/api/stream?after=' : '';
  const socket = new WebSocket(url.replace('http', 'ws') + path, {
    headers,
    perMessageDeflate: false,
  });
  await new Promise((resolve) => socket.on('open', resolve));
  socket.on('message', (data) => {
    const text = data.toString();
    if (text.startsWith('{"type":"ready"')) return;
    if (isTimed) JSON.parse(text);
    heard();
  });
}
