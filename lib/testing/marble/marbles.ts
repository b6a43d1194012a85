import { TestScheduler } from 'rxjs/testing';
import { has } from '../../options/index.js';
import { alphabet } from './alphabet.js';
import { createExpectations } from './expectations.js';
import { createMarbleTest } from './create-marble-test.js';
import type { MarbleTest } from './marble-test.js';
import type { PlayedStream } from './stream.js';
import { meaningsOf, type Values } from './letters.js';

/** How many timers a test may set before it is considered endless. */
const maxTimers = 100_000;

/**
 * Runs a marble test in virtual time, with any test framework or none. A difference is thrown as an
 * Error that draws both diagrams and points to the first difference.
 *
 * The letters of a diagram without values are the {@link alphabet}: `t` is the start of a turn, `d`
 * a delta, `c` its end. `letters` adds letters, or gives them other meanings.
 *
 * Virtual are the timers and schedulers of RxJS and all that this library times: waits, time-outs,
 * heartbeats, `openedAt` and the like; the clock begins at 0. Jitter is what the `random` of the
 * stream says. Promises, `setTimeout` and `Date.now()` are not virtual: what a handler awaits does
 * not happen within the test, so let it return an Observable. An AbortSignal acts at once.
 *
 * @example
 * marbles(({ hot, expectEnvelopes, expectSubscriptions }) => {
 *   const source = hot('  -t-T-d-D-c-|');
 *   const subs = '        ^----------!';
 *   const expected = '    -t---d---c-|';
 *   expectEnvelopes(source.pipe(forThread('thread-1'))).toBe(expected);
 *   expectSubscriptions(source.subscriptions).toBe(subs);
 * });
 *
 * @throws TypeError if the test is asynchronous.
 */
export function marbles<T>(run: (test: MarbleTest) => T, letters: Values = {}): T {
  const scheduler = new TestScheduler(() => undefined);
  const expectations = createExpectations();
  const played: PlayedStream[] = [];
  const meanings = meaningsOf(alphabet, letters);
  const limit = limitOf(scheduler);
  const streams: PlayedStream[] = [];

  function flush(): void {
    for (const one of played.splice(0)) {
      streams.push(one);
      for (const { frame, play } of one.steps) scheduler.schedule(play, frame - scheduler.frame);
    }
    limit(() => {
      scheduler.flush();
    });
    const unseen = streams.find(({ wasConnected }) => !wasConnected());
    expectations.check(unseen && notConnected);
  }

  return scheduler.run((helpers) => {
    const result = run(
      createMarbleTest({ scheduler, expectations, played, meanings }, helpers, flush),
    );
    if (has(result, 'then')) {
      throw new TypeError('A marble test must not be async: promises are not in virtual time.');
    }
    flush();
    expectations.finish();
    return result;
  });
}

const notConnected =
  'The stream was never connected: subscribe to its events$, or call its connect().';

/** Ends a test that would never end, with an error that no subscriber can catch. */
export function limitOf(scheduler: TestScheduler): (task: () => void) => void {
  const schedule = scheduler.schedule.bind(scheduler) as (...args: unknown[]) => never;
  const endless = new Error(
    `More than ${maxTimers} timers: the test does not come to an end. Something repeats for ever, such ` +
      'as a heartbeat or an interval: close the stream, or unsubscribe.',
  );
  let count = 0;
  scheduler.schedule = (...args: unknown[]) => {
    if (++count > maxTimers) throw endless;
    return schedule(...args);
  };
  return (task) => {
    task();
    if (count > maxTimers) throw endless;
  };
}
