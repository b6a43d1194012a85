import { Subscription, type Observable, type Observer } from 'rxjs';

/**
 * Subscribes to an Observable of the user's: what its teardown throws goes to `caught`. RxJS would
 * throw it at whoever unsubscribes and, if the Observable ends by itself, from its own timer.
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
