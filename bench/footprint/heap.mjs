// Makes many of one thing: how many bytes of the heap each takes.
//
//   node heap.mjs <name>

import { connectManager, createRouter, createThreadFold, forThread, ofType } from 'codex-rx';
import { argv, exit } from 'node:process';
import { recordedEvents } from '../recorded.mjs';
import { heapInUse } from './collected.mjs';

/** Transports whose servers say `ready`, and what came last. */
const transports = [];
const transport = (_request, events) => {
  transports.push(events);
  queueMicrotask(() => {
    events.opened();
    events.text('{"type":"ready","threadId":null}', 32);
  });
  return { send: () => undefined, close: (closed) => closed(), abandon: () => undefined };
};

async function connected() {
  const stream = connectManager({
    url: 'ws://127.0.0.1:9',
    transport,
    fetch: undefined,
    heartbeat: false,
  });
  await stream.connect();
  return stream;
}

const idOf = (index) => `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;
const nothing = () => undefined;

const router = createRouter();
/** Each with what makes the thing of an index, and how many there are. */
const things = {
  'a stream': { count: 500, make: connected },
  'a route of a type': {
    count: 10_000,
    make: (index) => router.on(ofType(`app_server.item.invented_${index}`), nothing),
  },
  'a route of a thread': {
    count: 10_000,
    make: (index) => router.on(forThread(idOf(index)), nothing),
  },
  'a request': { count: 2_000, make: await asking() },
  'a thread': { count: 2_000, make: foldOf },
};

/** Lets a server ask: the recorded approval of a command, with ids of its own. */
async function asking() {
  const asked = JSON.stringify(
    recordedEvents().find(({ type }) => type.endsWith('command_execution.request_approval')),
  );
  const { threadId, payload } = JSON.parse(asked);
  const { itemId } = payload.params;
  const stream = await connected();
  let open = 0;
  stream.requests.opened$.subscribe(() => open++);
  const [events] = transports;
  return (index) => {
    const frame = JSON.parse(asked.replaceAll(itemId, idOf(index)).replaceAll(threadId, idOf(0)));
    frame.requestId = frame.payload.requestId = index;
    const text = JSON.stringify(frame);
    events.text(text, text.length);
    if (open !== index + 1) throw new Error(`${open} requests are open, not ${index + 1}.`);
  };
}

function foldOf(index) {
  const threadId = idOf(index);
  const fold = createThreadFold(threadId);
  const push = (type, params) =>
    fold.push({
      type: `app_server.${type}`,
      threadId,
      turnId: 'turn-1',
      requestId: null,
      payload: { params: { threadId, turnId: 'turn-1', ...params } },
    });
  const say = (type, id, rest) => push('item.completed', { item: { type, id, ...rest } });
  push('turn.started', { turn: { id: 'turn-1', status: 'inProgress', items: [] } });
  say('userMessage', 'item-1', { content: [{ type: 'text', text: `Hello, ${index}.` }] });
  say('agentMessage', 'item-2', { text: `Hello to you, ${index}.`, phase: null });
  push('turn.completed', { turn: { id: 'turn-1', status: 'completed', items: [] } });
  if (fold.view().turns.length !== 1) throw new Error('The thread has no turn.');
  return fold;
}

const { count, make } = things[argv[2]];
const kept = [await make(0)];
const before = heapInUse();
for (let index = 1; index <= count; index++) kept.push(await make(index));
const bytes = (heapInUse() - before) / count;
console.log(JSON.stringify({ bytes, handled: kept.length - 1, expected: count }));
exit();
