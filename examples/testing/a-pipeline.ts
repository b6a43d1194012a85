import { test } from '@jest/globals';
import { ofAppServer, type Envelope } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { bufferTime, filter, map, type Observable } from 'rxjs';

/** The text of the agent, at most every 3 ms. */
const textOf = (events$: Observable<Envelope>) =>
  events$.pipe(
    ofAppServer('item/agentMessage/delta'),
    map((event) => event.payload.params.delta),
    bufferTime(3),
    filter((deltas) => deltas.length > 0),
    map((deltas) => deltas.join('')),
  );

test('deltas are drawn together', () => {
  marbles(({ hot, expectObservable }) => {
    const events = hot('  -td-d-d-c-|');
    const expected = '    ---a--b---|';
    expectObservable(textOf(events)).toBe(expected, { a: 'Hello', b: 'HelloHello' });
  });
});
