import { describe, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { defer, of, throwError, type Observable } from 'rxjs';
import { watchHealth } from '../../lib/manager/health.js';
import type { Rest, RestAnswer } from '../../lib/manager/rest.js';

const health = (running: unknown, status = 200) =>
  of({ status, body: { status: 'ok', codex: { running, lastExit: null } } });

const silent = throwError(() => new Error('no answer'));

/** Answers one after the other, the last one for ever. */
function answering(...answers: readonly Observable<RestAnswer>[]): Rest {
  let asked = 0;
  return () => defer(() => answers[Math.min(asked++, answers.length - 1)]!);
}

const told = { n: 'unknown', u: 'up', d: 'down' };

describe('watchHealth', () => {
  test('asks at once and then again and again, and tells what has changed', () => {
    marbles(({ expectObservable }) => {
      const rest = answering(health(true), health(true), health(false), health(true));
      const unsub = '   ---------------!';
      const expected = 'u-------d---u---';
      expectObservable(watchHealth(rest, 4), unsub).toBe(expected, told);
    });
  });

  test.each([
    ['a server without such a route', of({ status: 404, body: null })],
    ['no JSON', of({ status: 200, body: null })],
    ['no word of a codex', of({ status: 200, body: { status: 'ok' } })],
    ['an odd word', health('yes')],
    ['a failing server', health(true, 500)],
    ['no answer', silent],
  ])('%s tells nothing', (_, answer) => {
    marbles(({ expectObservable }) => {
      expectObservable(watchHealth(answering(answer), 5), '--!').toBe('n', told);
    });
  });

  test('asks less and less often while nobody tells, and as before once somebody does', () => {
    marbles(({ expectObservable }) => {
      const rest = answering(silent, silent, silent, health(true), health(false), silent);
      // 4, 8 and 16 after silence, otherwise 2.
      const unsub = '   --------------------------------------!';
      const expected = 'n---------------------------u-d-n-----';
      expectObservable(watchHealth(rest, 2), unsub).toBe(expected, told);
    });
  });
});
