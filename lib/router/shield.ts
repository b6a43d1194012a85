import { Observable, Subscriber, type Observer, type Subscription } from 'rxjs';

type Callback = ((value: never) => void) | null;
type Callbacks = { readonly [Name in keyof Observer<never>]?: Callback };

const original = Observable.prototype as unknown as {
  subscribe(observer: unknown): Subscription;
  pipe(...operators: unknown[]): unknown;
};

/**
 * An Observable whose observers may throw, in a pipe of it too: their error goes to `caught`. RxJS
 * would throw it again from a timer, which ends a Node process.
 */
export function shield<T>(source: Observable<T>, caught: (error: unknown) => void): Observable<T> {
  const guard = (callback: Callback = null) =>
    callback &&
    ((value: never) => {
      try {
        callback(value);
      } catch (error) {
        caught(error);
      }
    });

  return Object.assign(new Observable<T>((subscriber) => source.subscribe(subscriber)), {
    subscribe(first: Callbacks | Callback = null, error?: Callback, complete?: Callback) {
      // An operator's own subscriber takes care of itself.
      if (first instanceof Subscriber) return original.subscribe.call(this, first);
      const observer: Callbacks | null = typeof first === 'function' ? { next: first } : first;
      return original.subscribe.call(this, {
        next: guard(observer?.next?.bind(observer)),
        error: guard(error ?? observer?.error?.bind(observer)) ?? caught,
        complete: guard(complete ?? observer?.complete?.bind(observer)),
      });
    },
    pipe(...operators: unknown[]) {
      const piped = original.pipe.apply(this, operators);
      return piped instanceof Observable ? shield(piped, caught) : piped;
    },
  });
}
