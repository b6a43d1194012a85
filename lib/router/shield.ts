import { Observable, Subscriber, type Observer } from 'rxjs';

/**
 * An Observable whose direct observers may throw: their error goes to `caught`. RxJS would throw it
 * again from a timer, which ends a Node process.
 */
export function shield<T>(source: Observable<T>, caught: (error: unknown) => void): Observable<T> {
  const shielded = new Observable<T>((subscriber) => source.subscribe(subscriber));
  const subscribe = shielded.subscribe.bind(shielded) as (observer: unknown) => never;
  const guard = <A extends readonly unknown[]>(callback: ((...args: A) => void) | null | undefined) =>
    callback
      ? (...args: A) => {
          try {
            callback(...args);
          } catch (error) {
            caught(error);
          }
        }
      : undefined;
  shielded.subscribe = (
    first?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ) => {
    // An operator's own subscriber takes care of itself.
    if (first instanceof Subscriber) return subscribe(first);
    const observer = typeof first === 'function' ? { next: first } : first;
    return subscribe({
      next: guard(observer?.next?.bind(observer)),
      error: guard(error ?? observer?.error?.bind(observer)),
      complete: guard(complete ?? observer?.complete?.bind(observer)),
    });
  };
  return shielded;
}
