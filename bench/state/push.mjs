// A delta of the last item of a turn, with more and more earlier items; and a view after it.

import { createThreadFold } from 'codex-rx';
import { cpuUsage } from 'node:process';
import { median } from '../figures.mjs';

const threadId = '01a203cc-6b3c-7523-8e8c-000000000001';
const turnId = '01a203cc-6b3c-7523-8e8c-000000000002';
const sizes = [10, 1_000, 10_000];
/** How often the sizes take turns, and how many events each turn has. */
const [turns, pushes, views] = [40, 5_000, 250];

const frameOf = (method, params) => ({ method, params: { threadId, turnId, ...params } });
const eventOf = (type, frame) => ({
  type: `app_server.${type}`,
  threadId,
  turnId,
  requestId: null,
  payload: frame,
});
const message = (id) => ({ type: 'agentMessage', id, text: 'Hello.', phase: null });

function foldOf(items) {
  const fold = createThreadFold(threadId);
  for (let i = 0; i < items; i++) {
    fold.push(eventOf('item.completed', frameOf('item/completed', { item: message(`item-${i}`) })));
  }
  return fold;
}

const delta = frameOf('item/agentMessage/delta', { itemId: 'item-last', delta: 'Hello, ' });
const text = JSON.stringify(delta);
const event = eventOf('item.agent_message.delta', JSON.parse(text));

let handled = 0;
let expected = 0;

function timed(count, work) {
  const before = cpuUsage();
  for (let i = 0; i < count; i++) work();
  const { user, system } = cpuUsage(before);
  handled += count;
  expected += count;
  return ((user + system) * 1_000) / count;
}

const folds = sizes.map((size) => ({ size, fold: foldOf(size), push: [], view: [] }));
const parse = [];
for (let turn = 0; turn < turns; turn++) {
  for (const { fold, push, view } of folds) {
    push.push(timed(pushes, () => fold.push(event)));
    const look = () => {
      fold.push(event);
      fold.view();
    };
    view.push(timed(views, look));
  }
  parse.push(timed(pushes, () => JSON.parse(text)));
}

// The first turns warm the code up.
const figure = (values) => median(values.slice(turns / 4));
const figures = { 'parse, ns': figure(parse) };
for (const { size, push, view } of folds) {
  figures[`push, ${size} items, ns`] = figure(push);
  figures[`push and view, ${size} items, ns`] = figure(view);
}
console.log(JSON.stringify({ figures, handled, expected }));
