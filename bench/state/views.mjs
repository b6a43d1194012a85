// 20,000 deltas a second for ten seconds through foldThread({ every: 16 }), in virtual time.

import { foldThread } from 'codex-rx';
import { interval, map, mergeMap, range, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

const [seconds, perMs] = [10, 20];
const expected = seconds * 1_000 * perMs;
const [threadId, turnId] = ['thread-1', 'turn-1'];
const params = { threadId, turnId, itemId: 'item-1', delta: 'x' };
const delta = {
  type: 'app_server.item.agent_message.delta',
  threadId,
  turnId,
  requestId: null,
  payload: { params },
};

let [views, handled] = [0, 0];
new TestScheduler(() => undefined).run(() => {
  interval(1)
    .pipe(
      take(seconds * 1_000),
      mergeMap(() => range(0, perMs)),
      map(() => delta),
      foldThread(threadId, { every: 16 }),
    )
    .subscribe(({ turns }) => {
      views++;
      handled = turns[0].items[0].length;
    });
});
console.log(JSON.stringify({ figures: { 'views a second': views / seconds }, handled, expected }));
