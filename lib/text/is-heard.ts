import { Observable } from 'rxjs';

/** Whether a subscriber of the program gets the values of a Subject: else they are logged. */
export const isHeard = (subject: { readonly observers: readonly object[] }): boolean =>
  subject.observers.some((observer) => !('isUnheard' in observer));

/** The same values for this library itself, which keeps nothing out of the log of a program. */
export const unheard = <T>(reports$: Observable<T>): Observable<T> =>
  // A subscriber that is passed on is the observer that the Subject has.
  new Observable((subscriber) =>
    reports$.subscribe(Object.assign(subscriber, { isUnheard: true })),
  );
