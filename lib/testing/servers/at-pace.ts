import { firstValueFrom, takeUntil, timer, type Observable } from 'rxjs';
import { isThenable, now } from '../../async/index.js';

/**
 * Plays steps `speed` times as fast as they were recorded, until `stopped$`. The time that a step
 * takes delays the rest.
 */
export async function playAtPace<Step extends { readonly t: number }>(
  steps: readonly Step[],
  speed: number,
  stopped$: Observable<unknown>,
  play: (step: Step) => unknown,
): Promise<void> {
  const stop = new AbortController();
  const stopping = stopped$.subscribe(() => {
    stop.abort();
  });
  const begin = steps[0]?.t ?? 0;
  let start = now();
  for (const step of steps) {
    const wait = (step.t - begin) / speed - (now() - start);
    if (wait > 1) await firstValueFrom(timer(wait).pipe(takeUntil(stopped$)), { defaultValue: 0 });
    if (stop.signal.aborted) break;
    const before = now();
    const played = play(step);
    // Steps of the same time are played in one go.
    if (isThenable(played)) await played;
    start += now() - before;
  }
  stopping.unsubscribe();
}
