import { isObservable, type Observable } from 'rxjs';

/** What a handler may return to be waited for. */
export type Waitable = PromiseLike<unknown> | Observable<unknown> | AsyncIterable<unknown>;

export function isWaitable(value: unknown): value is Waitable {
  if (typeof value !== 'object' || value === null) return false;
  return isThenable(value) || isObservable(value) || isAsyncIterable(value);
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown>).then === 'function';

export const isAsyncIterable = (value: object): value is AsyncIterable<unknown> =>
  Symbol.asyncIterator in value;

/** A handler could not finish at once in `dispatchSync`. */
export class SyncDispatchError extends Error {
  override readonly name = 'SyncDispatchError';

  private constructor(fault: string) {
    super(`The handler ${fault}, and dispatchSync cannot wait: use dispatch, which does.`);
  }

  static busy(): SyncDispatchError {
    return new SyncDispatchError('is still busy with an earlier event');
  }

  /** For a result that nobody waits for: a rejection of it is then no unhandledRejection. */
  static disown(result: unknown): SyncDispatchError {
    if (isThenable(result)) Promise.resolve(result).catch(() => undefined);
    return new SyncDispatchError('returned a promise, an Observable or the like');
  }
}
