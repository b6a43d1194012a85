import { defer, retry, Subscription, throwError, timer } from 'rxjs';
import type { ThreadSnapshot } from './snapshot.js';
import type { TurnSource } from './turn-source.js';

/** Reads the state of a thread, one read at a time. */
export interface TurnReader {
  readonly isBusy: boolean;
  /** @param anew Whether a read that is under way says nothing of what is asked. */
  read(anew: boolean, settle: (snapshot: ThreadSnapshot, after: number) => void): void;
}

/** How often a read may be refused, and how long to wait before it is tried again, in ms. */
const [refusals, shortest, longest] = [5, 500, 30_000];

/**
 * @param count The events that were heard so far.
 * @param failed The thread cannot be read: it is gone, or the server refuses it again and again.
 */
export function createTurnReader(
  source: TurnSource,
  threadId: string,
  lifetime: Subscription,
  count: () => number,
  failed: (error: Error) => void,
): TurnReader {
  let reading = Subscription.EMPTY;
  return {
    get isBusy() {
      return !reading.closed;
    },
    read(anew, settle) {
      if (lifetime.closed || (!reading.closed && !anew)) return;
      reading.unsubscribe();
      let after = 0;
      let refused = 0;
      const snapshot$ = defer(() => {
        after = count();
        return source.readSnapshot(threadId);
      }).pipe(
        retry({
          delay(error: unknown, attempt) {
            if ((Object(error) as { kind?: unknown }).kind === 'refused') refused++;
            const isFinal = refused === refusals || source.faultOf(error) === 'gone';
            if (isFinal) return throwError(() => error as Error);
            return timer(Math.min(shortest * 2 ** (attempt - 1), longest));
          },
        }),
      );
      const current = (reading = new Subscription());
      lifetime.add(current);
      current.add(
        snapshot$.subscribe({
          next(snapshot) {
            current.unsubscribe();
            settle(snapshot, after);
          },
          error(error: unknown) {
            current.unsubscribe();
            failed(error as Error);
          },
        }),
      );
    },
  };
}
