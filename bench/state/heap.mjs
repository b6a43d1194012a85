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

const message = 'app_server.item.agent_message.delta';
const reasoning = 'app_server.item.reasoning.summary_text_delta';

function run(type, every) {
  const fold = createThreadFold(threadId);
  const before = heap();
  for (let i = 0; i < expected; i++) {
    // A new string each time, as from a parser.
    const delta = String(1_000_000 + (i % 1_000_000));
    const params = { threadId, turnId, itemId: 'item-1', summaryIndex: 0, delta };
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

const seldom = run(message, Infinity);
const often = run(message, 330);
const thought = run(reasoning, 330);
console.log(
  JSON.stringify({
    figures: {
      'heap / text': seldom.ratio,
      'heap / text, a view each 330': often.ratio,
      'heap / text of reasoning': thought.ratio,
    },
    handled: (seldom.handled + often.handled + thought.handled) / 3,
    expected,
  }),
);
