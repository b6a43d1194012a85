import { isObservable, type ObservableInput } from 'rxjs';

/** Whether a handler's result is to be waited for: a promise, an Observable, an async iterable. */
export function isWaitable(value: unknown): value is ObservableInput<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return isThenable(value) || isObservable(value) || Symbol.asyncIterator in value;
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown>).then === 'function';

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
