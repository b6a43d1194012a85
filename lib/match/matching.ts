import type { Envelope } from '../envelope/index.js';
import { mustBe } from '../options/index.js';
import { createMatcher, type Matcher } from './matcher.js';

/**
 * A matcher of your own guard. If the guard is a type predicate, the event's type narrows.
 *
 * A guard should answer for every event. One that throws does not match: in a route this is
 * reported on `errors$`, in a `pipe` it ends that pipe with the error, as in RxJS's `filter`.
 *
 * @example
 * const failed = matching((event): event is AppServerEvent<'turn/completed'> =>
 *   ofAppServer('turn/completed').test(event) && event.payload.params.turn.status === 'failed');
 */
export function matching<Match extends Envelope>(
  guard: (event: Envelope) => event is Match,
): Matcher<Match>;
/** A matcher of your own guard, which narrows no type. One that throws does not match. */
export function matching(guard: (event: Envelope) => boolean): Matcher;
export function matching(guard: (event: Envelope) => boolean): Matcher {
  mustBe(typeof guard === 'function', 'matching', 'given a guard: a function of an event');
  return createMatcher(`matching(${guard.name || 'guard'})`, {}, guard);
}
