import { describe, expect, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { asyncScheduler, BehaviorSubject, Observable, throwError, timer } from 'rxjs';
import { createPacing } from '../../lib/app-server/pacing.js';

/** Begins calls that take so many ms each: when each began. */
function begun(durations: readonly number[], canSend = new BehaviorSubject(true)): number[] {
  const began: number[] = [];
  marbles(() => {
    const inTurn = createPacing(canSend);
    for (const duration of durations) {
      new Observable((subscriber) => {
        began.push(asyncScheduler.now());
        return timer(duration).subscribe(subscriber);
      })
        .pipe(inTurn())
        .subscribe();
    }
  });
  return began;
}

const many = (count: number, duration: number) => Array.from({ length: count }, () => duration);

describe('calls in turn', () => {
  test('begin at once while fewer than 100 are unanswered, then one for each answer', () => {
    expect(begun(many(100, 5))).toEqual(many(100, 0));
    expect(begun(many(250, 5))).toEqual([...many(100, 0), ...many(100, 5), ...many(50, 10)]);
  });

  test('are not kept waiting by calls that take longer than a second', () => {
    expect(begun([...many(100, 60_000), 1]).at(-1)).toBe(1_000);
  });

  test('the second counts from when calls can be sent', () => {
    const canSend = new BehaviorSubject(false);
    const began: number[] = [];
    marbles(() => {
      timer(5_000).subscribe(() => {
        canSend.next(true);
      });
      const inTurn = createPacing(canSend);
      for (let call = 0; call <= 100; call++) {
        new Observable(() => {
          began.push(asyncScheduler.now());
        })
          .pipe(inTurn())
          .subscribe();
      }
    });
    expect(began.at(-1)).toBe(6_000);
  });

  test('one that fails at once leaves its place to the next, thousands in a row', () => {
    let failed = 0;
    let began = false;
    marbles(() => {
      const inTurn = createPacing(new BehaviorSubject(true));
      const held = many(100, 0).map(() => timer(5).pipe(inTurn()).subscribe());
      const failing$ = throwError(() => new Error('no'));
      for (let call = 0; call < 10_000; call++) {
        failing$.pipe(inTurn()).subscribe({ error: () => failed++ });
      }
      new Observable(() => {
        began = true;
      })
        .pipe(inTurn())
        .subscribe();
      for (const call of held.slice(0, 1)) call.unsubscribe();
    });
    expect([failed, began]).toEqual([10_000, true]);
  });

  test('one that is given up while it waits never begins', () => {
    const began: number[] = [];
    marbles(() => {
      const inTurn = createPacing(new BehaviorSubject(true));
      for (let call = 0; call < 100; call++) timer(5).pipe(inTurn()).subscribe();
      const waiting = new Observable(() => {
        began.push(asyncScheduler.now());
      })
        .pipe(inTurn())
        .subscribe();
      waiting.unsubscribe();
    });
    expect(began).toEqual([]);
  });
});
