import { defer, EMPTY, mergeMap, Observable, Subject, takeUntil, tap } from 'rxjs';

/** Runs so many at a time; the others wait, in order, and leave when they are unsubscribed. */
export function limitTo(concurrency: number): <T>(work$: Observable<T>) => Observable<T> {
  const queue = new Subject<Observable<unknown>>();
  queue.pipe(mergeMap((work$) => work$, concurrency)).subscribe();
  return <T>(work$: Observable<T>) =>
    new Observable<T>((subscriber) => {
      const left = new Subject<void>();
      subscriber.add(() => {
        left.next();
      });
      queue.next(
        defer(() => (subscriber.closed ? EMPTY : work$.pipe(tap(subscriber), takeUntil(left)))),
      );
    });
}
