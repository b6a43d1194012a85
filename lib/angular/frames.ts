import { inject, InjectionToken, NgZone, PendingTasks } from '@angular/core';
import { noop, Observable, Subscription, take, timer, type SchedulerLike } from 'rxjs';
import { now } from '../async/index.js';
import { injectLifetime } from './inject-lifetime.js';

/**
 * How long to wait for a frame, in milliseconds: in a page that asks for frames, though perhaps
 * none comes because other windows cover it; and in a page that is hidden or has no frames.
 */
const [maxWait, waitWithoutFrames] = [100, 16];

/** The next animation frame, with a timer behind it. */
const frame$ = /* @__PURE__ */ new Observable<unknown>((subscriber) => {
  const hasFrames = typeof requestAnimationFrame === 'function' && !document.hidden;
  subscriber.add(timer(hasFrames ? maxWait : waitWithoutFrames).subscribe(subscriber));
  if (!hasFrames) return;
  const id = requestAnimationFrame((time) => {
    subscriber.next(time);
  });
  subscriber.add(() => {
    cancelAnimationFrame(id);
  });
});

/** When signals are written: an action runs with the next frame, whatever its delay. */
export const FRAMES = /* @__PURE__ */ new InjectionToken<SchedulerLike>('codex-rx frames', {
  providedIn: 'root',
  factory: () => createFrames(frame$),
});

/**
 * Makes the scheduler of an application. The application is not stable while an action waits, so
 * that `whenStable()` waits for what was received to be shown.
 */
export function createFrames(next$: Observable<unknown>): SchedulerLike {
  const zone = inject(NgZone);
  const tasks = inject(PendingTasks);
  const actions = new Set<() => void>();
  let frame = Subscription.EMPTY;
  let release: () => void = noop;
  const lifetime = injectLifetime();
  lifetime.add(() => {
    frame.unsubscribe();
    release();
  });

  function runAll(): void {
    const all = [...actions];
    actions.clear();
    const done = release;
    try {
      for (const action of all) action();
    } finally {
      // Only now: what waits for stability reads what was written.
      done();
    }
  }

  return {
    now,
    schedule(work, _delay, state) {
      if (lifetime.closed) return Subscription.EMPTY;
      if (actions.size === 0) {
        release = tasks.add();
        // Outside, since the write of a signal is what asks for change detection.
        frame = zone.runOutsideAngular(() => next$.pipe(take(1)).subscribe(runAll));
      }
      const action = () => {
        subscription.unsubscribe();
        work.call(undefined as never, state as never);
      };
      const subscription = new Subscription(() => actions.delete(action));
      actions.add(action);
      return subscription;
    },
  };
}
