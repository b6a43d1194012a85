import { asyncScheduler, Observable, type SchedulerLike, type Subscription } from 'rxjs';

/**
 * How often a view is emitted at most: a number of milliseconds, once for each action of a scheduler
 * such as `animationFrameScheduler`, or after each `'event'`. The last view always comes.
 */
export type Every = number | SchedulerLike | 'event';

/** Emits what `read` gives after changes, at most once in a while: `null`, and no news, is nothing. */
export const sampled = <T>(
  changes$: Observable<unknown>,
  every: Every,
  read: () => T | null,
): Observable<T> =>
  new Observable((subscriber) => {
    let shown: T | null = null;
    let pending: Subscription | null = null;

    function show(): void {
      pending = null;
      const value = read();
      if (value === null || value === shown) return;
      shown = value;
      subscriber.next(value);
    }

    function schedule(): void {
      if (every === 'event') show();
      else if (typeof every === 'number') pending ??= asyncScheduler.schedule(show, every);
      else pending ??= every.schedule(show);
      if (pending) subscriber.add(pending);
    }

    subscriber.add(
      changes$.subscribe({
        next: schedule,
        error(error: unknown) {
          show();
          subscriber.error(error);
        },
        complete() {
          show();
          subscriber.complete();
        },
      }),
    );
  });
