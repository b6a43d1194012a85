import { Subscription, timer, type Observable } from 'rxjs';

/** How long to wait before what failed is read again, in ms: at first, and at most. */
const [retryBase, retryCap] = [500, 30_000];

export interface RereadingOptions<T> {
  readonly read: () => Observable<T>;
  readonly begun?: () => void;
  readonly done: (value: T) => void;
  /** Whether to try again by itself, later and later. */
  readonly failed: (error: Error) => boolean;
}

/** Something that is read again and again from a server, one reading at a time. */
export interface Rereading {
  readonly isReading: boolean;
  /** Reads it now; once more after a reading that has begun already. */
  readonly refresh: () => void;
  readonly stop: () => void;
}

export function createRereading<T>(options: RereadingOptions<T>): Rereading {
  const lifetime = new Subscription();
  let isReading = false;
  let isStale = false;
  let failures = 0;
  let retry = Subscription.EMPTY;

  function refresh(): void {
    isStale = isReading;
    if (isReading || lifetime.closed) return;
    isReading = true;
    retry.unsubscribe();
    options.begun?.();
    const reading = options.read().subscribe({
      next(value) {
        failures = 0;
        isReading = false;
        options.done(value);
        if (isStale) refresh();
      },
      error(why: unknown) {
        isReading = false;
        const isRetried = options.failed(why instanceof Error ? why : new Error(String(why)));
        if (isStale) refresh();
        else if (isRetried) retryLater();
      },
    });
    lifetime.add(reading);
  }

  function retryLater(): void {
    const wait = Math.min(retryCap, retryBase * 2 ** Math.min(failures++, 10));
    retry = timer(wait).subscribe(refresh);
    lifetime.add(retry);
  }

  return {
    get isReading() {
      return isReading;
    },
    refresh,
    stop() {
      lifetime.unsubscribe();
    },
  };
}
