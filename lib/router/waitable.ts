import { isObservable, type Observable } from 'rxjs';
import { isThenable } from '../async/index.js';

/** What a handler may return to be waited for. */
export type Waitable = PromiseLike<unknown> | Observable<unknown> | AsyncIterable<unknown>;

export function isWaitable(value: unknown): value is Waitable {
  if (typeof value !== 'object' || value === null) return false;
  return isThenable(value) || isObservable(value) || Symbol.asyncIterator in value;
}

/**
 * The failure of a handler that would have to be waited for in `dispatchSync`.
 *
 * @param result What it returned: it is not awaited, so its rejection is no unhandledRejection.
 */
export function mustNotWait(result?: Waitable): Error {
  Promise.resolve(result).catch(() => undefined);
  return new Error('dispatchSync cannot wait for the promise of a handler: use dispatch.');
}
