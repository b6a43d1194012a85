import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { show } from './show.js';

/**
 * Runs a marble test in virtual time, with any test framework or none: what differs is thrown as an
 * Error that shows both sides. Every timer of this library runs in virtual time too.
 *
 * @example
 * marbles(({ hot, expectObservable, expectSubscriptions }) => {
 *   const source = hot('     -a-b-c-|', { a, b, c });
 *   const subs = '           ^------!';
 *   const expected = '       -a---c-|';
 *   expectObservable(source.pipe(forThread('t1'))).toBe(expected, { a, c });
 *   expectSubscriptions(source.subscriptions).toBe(subs);
 * });
 */
export function marbles<T>(run: (helpers: RunHelpers) => T): T {
  return new TestScheduler(assertSame).run(run);
}

function assertSame(actual: unknown, expected: unknown): void {
  const [got, wanted] = [lines(actual), lines(expected)];
  if (got !== wanted) throw new Error(`Expected\n${wanted}\nbut got\n${got}`);
}

/** One line for each notification or subscription, with the virtual time that it came at. */
const lines = (log: unknown): string =>
  Array.isArray(log) && log.length > 0
    ? log.map((entry: Entry) => `  ${line(entry)}`).join('\n')
    : '  nothing';

interface Frame {
  readonly frame: number;
  readonly notification: { readonly kind: 'N' | 'E' | 'C'; value?: unknown; error?: unknown };
}

type Entry = Frame | { readonly subscribedFrame: number; readonly unsubscribedFrame: number };

function line(entry: Entry): string {
  if (!('notification' in entry)) {
    return `subscribed ${entry.subscribedFrame} to ${entry.unsubscribedFrame}`;
  }
  const { frame, notification } = entry;
  switch (notification.kind) {
    case 'N':
      return `${frame} next ${show(notification.value)}`;
    case 'E':
      return `${frame} error ${show(notification.error)}`;
    case 'C':
      return `${frame} complete`;
  }
}
