import { delay, filter, Observable, take, type MonoTypeOperatorFunction } from 'rxjs';

/** Lets calls begin in their turn, so that no more are unanswered than a server can hold. */
export type Pacing = <T>() => MonoTypeOperatorFunction<T>;

/**
 * How many calls may be unanswered. codex refuses what is beyond some 128 of them with an error;
 * over stdio it loses calls without a word when some 300 wait (0.169.0).
 */
const bound = 100;

/** A call that takes longer than this, in milliseconds, keeps no other waiting: it is at work. */
const writableDelay = 1_000;

/** @param canSend$ Whether calls can be sent now. */
export function createPacing(canSend$: Observable<boolean>): Pacing {
  const waiting = new Set<() => void>();
  let underWay = 0;
  let isDraining = false;

  function drain(): void {
    // A call may fail at once, and leave its place to the next.
    if (isDraining) return;
    isDraining = true;
    for (const begin of waiting) {
      if (underWay >= bound) break;
      waiting.delete(begin);
      begin();
    }
    isDraining = false;
  }

  return () => (call$) =>
    new Observable((subscriber) => {
      let isHolding = false;
      const leave = () => {
        if (isHolding) underWay--;
        isHolding = false;
        drain();
      };
      const begin = () => {
        isHolding = true;
        underWay++;
        subscriber.add(leave);
        subscriber.add(
          canSend$.pipe(filter(Boolean), take(1), delay(writableDelay)).subscribe(leave),
        );
        call$.subscribe(subscriber);
      };
      waiting.add(begin);
      subscriber.add(() => waiting.delete(begin));
      drain();
    });
}
