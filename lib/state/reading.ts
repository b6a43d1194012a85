import {
  filter,
  map,
  merge,
  pairwise,
  startWith,
  Subscription,
  switchMap,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import type { CodexStream, Gap } from '../stream/index.js';

/** How long to wait before what failed is read again, in ms: at first, and at most. */
const [retryBase, retryCap] = [500, 30_000];

export interface ReadingOptions<T> {
  readonly read: () => Observable<T>;
  readonly done: (value: T) => void;
  /** Whether to read it again in a moment. */
  readonly isDoubtful?: () => boolean;
  /** Whether to try again by itself, later and later. */
  readonly failed: (error: Error) => boolean;
  /** Events were missed: it is read again once the source has recovered. */
  readonly lost?: (gap: Gap) => void;
  /** It can be read again, unless this says `false`. @param isNew Whether the server began anew. */
  readonly returned?: (isNew: boolean) => boolean;
  /** The stream was closed, perhaps while it was read. */
  readonly closed?: (isBusy: boolean) => void;
}

/** What a server says, read again after every gap, one reading at a time. */
export interface Reading {
  readonly isBusy: boolean;
  /** Reads it now; once more after a reading that has begun already. */
  readonly refresh: () => void;
}

/** @param lifetime Ends with the stream, and the reading with it. */
export function createReading<T>(
  stream: CodexStream,
  lifetime: Subscription,
  options: ReadingOptions<T>,
): Reading {
  let reading = Subscription.EMPTY;
  let retry = Subscription.EMPTY;
  let isStale = false;
  let failures = 0;

  function refresh(): void {
    isStale = !reading.closed;
    if (isStale || lifetime.closed) return;
    retry.unsubscribe();
    const current = (reading = new Subscription());
    lifetime.add(current);
    const settle = (use: () => void) => {
      current.unsubscribe();
      use();
      if (isStale) refresh();
    };
    const done = (value: T) => {
      failures = 0;
      settle(() => {
        options.done(value);
        if (options.isDoubtful?.() === true && !isStale) retryLater();
      });
    };
    const failed = (error: unknown) => {
      settle(() => {
        const isRetried = options.failed(error instanceof Error ? error : new Error(String(error)));
        if (isRetried && !isStale) retryLater();
      });
    };
    current.add(options.read().subscribe({ next: done, error: failed }));
  }

  function retryLater(): void {
    const wait = Math.min(retryCap, retryBase * 2 ** Math.min(failures++, 10));
    lifetime.add((retry = timer(wait).subscribe(refresh)));
  }

  // After a gap the source follows its threads again first; a Codex behind codex-manager may be the
  // one that was lost.
  const restarts$ = stream.status$.pipe(
    map((status) => (status.state === 'open' ? status.upstream : 'unknown')),
    filter((upstream) => upstream !== 'unknown'),
    startWith('up'),
    pairwise(),
    filter(([before, upstream]) => before === 'down' && upstream === 'up'),
    map(() => true),
  );
  const gaps$ = stream.gaps$.pipe(
    // Of which nothing is lost.
    filter(({ replay }) => !replay?.complete),
    tap((gap) => {
      // What was asked before the gap may not say what it took.
      reading.unsubscribe();
      options.lost?.(gap);
    }),
    switchMap(({ recovery$ }) => recovery$),
    map(({ restarted }) => restarted === true),
  );
  lifetime.add(
    merge(gaps$, restarts$).subscribe((isNew) => {
      if (options.returned?.(isNew) === false) return;
      // What was asked before may never be answered.
      reading.unsubscribe();
      refresh();
    }),
  );
  lifetime.add(
    stream.status$.subscribe({
      complete() {
        const isBusy = !reading.closed;
        lifetime.unsubscribe();
        options.closed?.(isBusy);
      },
    }),
  );
  return {
    get isBusy() {
      return !reading.closed;
    },
    refresh,
  };
}
