import { Observable, Subscriber, Subscription, type Observer } from 'rxjs';

type Callback = ((value: never) => void) | null;
type Callbacks = { readonly [Name in keyof Observer<never>]?: Callback };

/** What RxJS has overloads for. */
interface Plain {
  subscribe(observer: unknown): Subscription;
  pipe(...operators: readonly unknown[]): unknown;
}

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

  const shielded$ = new Observable<T>((subscriber) => source.subscribe(subscriber));
  const plain = shielded$ as unknown as Plain;
  const [subscribe, pipe] = [plain.subscribe.bind(plain), plain.pipe.bind(plain)];
  return Object.assign(shielded$, {
    pipe(...operators: readonly unknown[]) {
      const piped = pipe(...operators);
      return piped instanceof Observable ? shield(piped, caught) : piped;
    },
    subscribe(first: Callbacks | Callback = null, error?: Callback, complete?: Callback) {
      // An operator's own subscriber takes care of itself.
      if (first instanceof Subscriber) return subscribe(first);
      const observer: Callbacks | null = typeof first === 'function' ? { next: first } : first;
      return subscribe({
        next: guard(observer?.next?.bind(observer)),
        error: guard(error ?? observer?.error?.bind(observer)) ?? caught,
        complete: guard(complete ?? observer?.complete?.bind(observer)),
      });
    },
  });
}

/**
 * Subscribes to an Observable of the user's: what its teardown throws goes to `caught`. RxJS would
 * throw it at the code that unsubscribes and, if the Observable ends by itself, from its own timer.
 */
export function watch<T>(
  source: Observable<T>,
  observer: Partial<Observer<T>>,
  caught: (error: unknown) => void,
): Subscription {
  try {
    const subscription = source.subscribe(observer);
    const unsubscribe = subscription.unsubscribe.bind(subscription);
    subscription.unsubscribe = () => {
      try {
        unsubscribe();
      } catch (error) {
        caught(error);
      }
    };
    return subscription;
  } catch (error) {
    caught(error);
    return Subscription.EMPTY;
  }
}
