import { distinctUntilChanged, map, type Observable } from 'rxjs';
import { kept } from './kept.js';
import { emptyTurn } from './thread-node.js';
import type { TurnTracker } from './turn-tracker.js';
import { isWorking } from './turn-view.js';
import type { TurnActivity, TurnOutcome, TurnProgress } from './turn.js';

/** What is known of a turn beside its events. */
export interface TurnFacts {
  readonly isSent: boolean;
  readonly isWaiting: boolean;
  readonly isStalled: boolean;
  readonly outcome: TurnOutcome | null;
}

/** A turn as it is seen, after each change; what is the same as before stays the same object. */
export function progressOf(
  tracker: TurnTracker,
  changes$: Observable<void>,
  facts: () => TurnFacts,
): Observable<TurnProgress> {
  let progress: TurnProgress | null = null;
  return changes$.pipe(
    map(() => {
      const turn = tracker.view();
      const { outcome, isSent, isWaiting, isStalled } = facts();
      let activity: TurnActivity = 'running';
      if (!isSent) activity = 'queued';
      else if (isWaiting) activity = 'waiting';
      else if (isStalled && !isWorking(turn)) activity = 'stalled';
      const seen = turn ?? emptyTurn(tracker.turnId ?? '');
      return (progress = kept(progress, { ...seen, activity, outcome }));
    }),
    distinctUntilChanged(),
  );
}
