import { mustBeKnown } from '../options/index.js';
import { defer, tap, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { createThreadFold, type FoldOptions, type ThreadFold } from './create-thread-fold.js';
import { sampled, type Every } from './sampled.js';
import type { ThreadView } from './thread-view.js';

/** The options of `foldThread`. */
export interface FoldThreadOptions extends FoldOptions {
  /**
   * How often a view is emitted at most.
   *
   * @default 'event'
   */
  readonly every?: Every;
}

/**
 * Emits the state of a thread as its events come.
 *
 * @param threadId Default: the thread of the first event that has one.
 * @example
 * stream.events$.pipe(forThread(id), foldThread(id, { every: 16 })).subscribe(render);
 */
export const foldThread = (
  threadId?: string,
  given: FoldThreadOptions = {},
): OperatorFunction<Envelope, ThreadView> => {
  mustBeKnown('', given, ['every', 'freeze']);
  const { every = 'event', ...options } = given;
  return (events$) =>
    defer(() => {
      let fold: ThreadFold | null =
        threadId === undefined ? null : createThreadFold(threadId, options);
      const pushed$ = events$.pipe(
        tap((event) => {
          if (!fold && event.threadId !== null) fold = createThreadFold(event.threadId, options);
          fold?.push(event);
        }),
      );
      return sampled(pushed$, every, () => fold?.view() ?? null);
    });
};
