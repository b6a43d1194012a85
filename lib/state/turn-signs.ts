import { Subject, switchMap, timer } from 'rxjs';
import type { Subscription } from 'rxjs';
import { grace } from './turn-verdict.js';

/** The signs that a turn gives of being at work, or of having ended unheard. */
export interface TurnSigns {
  /** Whether there was none for a while. */
  readonly isStalled: () => boolean;
  /** Something was heard of the turn. */
  alive(): void;
  /** The turn begins to wait for an answer, or goes on: the silence is counted anew. */
  waiting(): void;
  /** The thread was left idle: the end of the turn should follow. */
  idle(): void;
}

/**
 * Watches for silence.
 *
 * @param quiet How long a turn may give no sign, in ms.
 * @param excused Whether the turn may be silent now.
 * @param stalled Called when it was silent for a time, and again after each such time.
 * @param left Called when no end has followed.
 */
export function watchSigns(
  lifetime: Subscription,
  quiet: number,
  on: { excused(): boolean; stalled(): void; left(): void },
): TurnSigns {
  const life = new Subject<void>();
  const idle = new Subject<void>();
  let isStalled = false;
  // Not `debounceTime`: that compares times of the clock, which may be set.
  const silent$ = life.pipe(switchMap(() => timer(quiet, quiet)));
  lifetime.add(
    silent$.subscribe(() => {
      if (on.excused()) return;
      isStalled = true;
      on.stalled();
    }),
  );
  lifetime.add(
    idle.pipe(switchMap(() => timer(grace))).subscribe(() => {
      on.left();
    }),
  );
  return {
    isStalled: () => isStalled,
    alive() {
      isStalled = false;
      life.next();
    },
    waiting() {
      life.next();
    },
    idle() {
      idle.next();
    },
  };
}
