// A million deltas into one item: how much of the heap each character of its text takes.

import { createThreadFold } from 'codex-rx';
import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const heap = () => {
  gc();
  gc();
  return memoryUsage().heapUsed;
};

const [expected, threadId, turnId] = [1_000_000, 'thread-1', 'turn-1'];

function run(every) {
  const fold = createThreadFold(threadId);
  const before = heap();
  for (let i = 0; i < expected; i++) {
    // A new string each time, as from a parser.
    const delta = String(1_000_000 + (i % 1_000_000));
    const params = { threadId, turnId, itemId: 'item-1', delta };
    const type = 'app_server.item.agent_message.delta';
    fold.push({ type, threadId, turnId, requestId: null, payload: { params } });
    if (i % every === 0) fold.view();
  }
  const grown = heap() - before;
  const [item] = fold.view().turns[0].items;
  return {
    handled: item.length / 7,
    ratio: grown / item.length,
  };
}

const seldom = run(Infinity);
const often = run(330);
console.log(
  JSON.stringify({
    figures: { 'heap / text': seldom.ratio, 'heap / text, a view each 330': often.ratio },
    handled: (seldom.handled + often.handled) / 2,
    expected,
  }),
);
