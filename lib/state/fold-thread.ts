import {
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { createThreadFold, type FoldOptions, type ThreadFold } from './create-thread-fold.js';
import type { ThreadView } from './thread-view.js';

export interface FoldThreadOptions extends FoldOptions {
  /**
   * How often a view is emitted at most: a number of milliseconds, once for each action of a
   * scheduler such as `animationFrameScheduler`, or after each `'event'`. The last view always comes.
   *
   * @default 'event'
   */
  readonly every?: number | SchedulerLike | 'event';
}

/**
 * Emits the state of a thread as its events come.
 *
 * @param threadId Default: the thread of the first event that has one.
 * @example
 * stream.events$.pipe(forThread(id), foldThread(id, { every: 16 })).subscribe(render);
 */
export const foldThread =
  (
    threadId?: string,
    { every = 'event', ...options }: FoldThreadOptions = {},
  ): OperatorFunction<Envelope, ThreadView> =>
  (events$) =>
    new Observable((subscriber) => {
      let fold: ThreadFold | null =
        threadId === undefined ? null : createThreadFold(threadId, options);
      let shown: ThreadView | null = null;
      let pending: Subscription | null = null;

      function show(): void {
        const view = fold?.view();
        if (!view || view === shown) return;
        shown = view;
        subscriber.next(view);
      }

      function schedule(): void {
        if (every === 'event') show();
        else if (typeof every === 'number') pending ??= asyncScheduler.schedule(flush, every);
        else pending ??= every.schedule(flush);
        if (pending) subscriber.add(pending);
      }

      function flush(): void {
        pending = null;
        show();
      }

      subscriber.add(
        events$.subscribe({
          next(event) {
            if (!fold && event.threadId !== null) fold = createThreadFold(event.threadId, options);
            fold?.push(event);
            if (fold) schedule();
          },
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
