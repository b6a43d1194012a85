import { distinctUntilChanged, map, type Observable } from 'rxjs';
import { kept } from './kept.js';
import { emptyTurn } from './thread-node.js';
import type { TurnTracker } from './turn-tracker.js';
import type { TurnProgress } from './turn.js';

/** A turn as it is seen, after each change; what is the same as before stays the same object. */
export function progressOf(
  tracker: TurnTracker,
  changes$: Observable<void>,
  facts: () => Pick<TurnProgress, 'activity' | 'outcome'>,
): Observable<TurnProgress> {
  let progress: TurnProgress | null = null;
  return changes$.pipe(
    map(() => {
      const turn = tracker.view() ?? emptyTurn(tracker.turnId ?? '');
      return (progress = kept(progress, { ...turn, ...facts() }));
    }),
    distinctUntilChanged(),
  );
}
