// What is measured: each connects to `url`, and calls `end` with every frame of the type `bench.end`, the last one of a slice.

import { connectManager, forThread, ofAppServer, ofType } from 'codex-rx';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventTypes } from '../recorded.mjs';

const types = eventTypes(20);
/** Handlers do nothing: what is measured is the way to them. */
const handle = () => undefined;

async function floor(url, frames, end) {
  const socket = new WebSocket(url, { skipUTF8Validation: true });
  let left = frames + 1;
  socket.on('message', (data) => {
    // `ready` and the end of a slice are short.
    if (data.length < 60 && left > frames) return;
    if (--left === 0) {
      left = frames + 1;
      end();
    }
  });
  await once(socket, 'open');
}

async function bare(url, _frames, end) {
  const socket = new WebSocket(url);
  const wanted = new Set(types);
  socket.on('message', (data) => {
    const event = JSON.parse(data.toString());
    if (event.type === 'bench.end') end();
    else if (wanted.has(event.type)) handle();
  });
  await once(socket, 'open');
}

const stream = (routes, options) => async (url, _frames, end) => {
  const stream = connectManager({ url, fetch: undefined, heartbeat: false, ...options });
  for (const matchers of routes) stream.on(...matchers, handle);
  stream.on(ofType('bench.end'), end);
  await stream.connect();
};

const unrouted = (...routes) => stream(routes, { ignore: 'unrouted' });
const all = eventTypes(77).map((type) => [ofType(type)]);
const thousand = eventTypes(1_000).map((type) => [ofType(type)]);
const oneType = [ofAppServer('turn/started')];
/** The sender's first session has it. */
const oneThread = [forThread('00000000-0000-7000-8000-000000000000')];

export const consumers = [
  ...['sessions', 'lean'].flatMap((mix) => {
    const suffix = mix === 'lean' ? ', lean' : '';
    return [
      { name: `floor${suffix}`, mix, connect: floor },
      { name: `bare${suffix}`, mix, connect: bare },
      { name: `one type${suffix}`, mix, connect: unrouted(oneType) },
      { name: `one thread${suffix}`, mix, connect: unrouted(oneThread) },
    ];
  }),
  { name: 'all wanted', mix: 'sessions', connect: unrouted(...all) },
  { name: 'all wanted, without the option', mix: 'sessions', connect: stream(all) },
  { name: '1,000 routes, a hundred sessions', mix: 'sessions', connect: stream(thousand) },
  { name: 'bare, as recorded', mix: 'recorded', connect: bare },
  { name: '1,000 routes, as recorded', mix: 'recorded', connect: stream(thousand) },
];
