import { Observable, share } from 'rxjs';
import type { Log } from './log.js';

/**
 * Emits when a log has grown: once for what is appended in one go, so that it is sent in one go. It
 * emits at once when the next append might make the log forget what no client has read, and
 * completes with the log.
 */
export function batchesOf(log: Log): Observable<void> {
  const batches$ = new Observable<void>((subscriber) => {
    let readTo = log.last;
    let isScheduled = false;
    function emit(): void {
      isScheduled = false;
      readTo = log.last;
      subscriber.next();
    }
    return log.appended$.subscribe({
      next() {
        if (log.first > readTo) emit();
        if (isScheduled) return;
        isScheduled = true;
        queueMicrotask(emit);
      },
      complete() {
        emit();
        subscriber.complete();
      },
    });
  });
  return batches$.pipe(share());
}
