import { signal, type NgZone, type Signal } from '@angular/core';
import { Subscription, timer, type Observable } from 'rxjs';

/** A signal that follows an Observable as long as it has readers, and a moment longer. */
export interface Live<T> {
  readonly value: Signal<T>;
  /** Why the Observable ended with an error; the last value stays. */
  readonly failure: Signal<Error | null>;
  /** Follows until the result is called, which has to be once. */
  retain(): () => void;
  /** Asks the source once more: whether it could. */
  reload?(): boolean;
}

export interface LiveOptions<T> {
  readonly initial: T;
  /** Emits at most once a frame. */
  readonly values$: Observable<T>;
  readonly zone: NgZone;
  /** Ends with the application. */
  readonly lifetime: Subscription;
  /** Called once it has had no reader for a while, also if it never had one. */
  readonly onRest: (() => void) | undefined;
}

/**
 * How long it is followed without readers, in milliseconds: a branch of a template that is left and
 * a route that is changed drop to zero readers, and come back in the same task.
 */
const linger = 1_000;

export function createLive<T>(options: LiveOptions<T>): Live<T> {
  const { initial, values$, zone, lifetime, onRest } = options;
  const value = signal(initial);
  const failure = signal<Error | null>(null);
  let readers = 0;
  let following = Subscription.EMPTY;
  let resting = Subscription.EMPTY;

  const outside = (subscribe: () => Subscription): Subscription => {
    const subscription = zone.runOutsideAngular(subscribe);
    lifetime.add(subscription);
    return subscription;
  };

  const follow = () =>
    values$.subscribe({
      next(next) {
        value.set(next);
      },
      error(error: unknown) {
        failure.set(error as Error);
      },
    });

  function rest(): void {
    resting = outside(() =>
      timer(linger).subscribe(() => {
        following.unsubscribe();
        onRest?.();
      }),
    );
  }

  rest();
  return {
    value,
    failure,
    retain() {
      readers++;
      resting.unsubscribe();
      if (following.closed) following = outside(follow);
      return () => {
        if (--readers === 0) rest();
      };
    },
  };
}
