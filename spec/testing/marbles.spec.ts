import { describe, expect, test } from '@jest/globals';
import { envelope, marbles } from 'codex-rx/testing';
import { map, NEVER, throwError, timer } from 'rxjs';

const [a, b] = [envelope('a'), envelope('b', { n: 1 }, { threadId: 't1' })];

const shownA = '{ payload: null, requestId: null, threadId: null, turnId: null, type: "a" }';
const shownB = '{ payload: { n: 1 }, requestId: null, threadId: "t1", turnId: null, type: "b" }';

describe('marbles', () => {
  test('runs in virtual time, and returns what its test returns', () => {
    const before = performance.now();
    const result = marbles(({ expectObservable }) => {
      const expected = '60m (a|)';
      expectObservable(timer(3_600_000).pipe(map(() => 'a'))).toBe(expected);
      return 'done';
    });
    expect(result).toBe('done');
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test('begins at time 0 every time', () => {
    for (let run = 0; run < 2; run++) {
      marbles(({ hot, expectObservable }) => {
        const source = hot(' -a-', { a });
        const expected = '   -a-';
        expectObservable(source).toBe(expected, { a });
      });
    }
  });

  test('shows both sides, a line for each notification, with its time', () => {
    const run = () =>
      marbles(({ hot, expectObservable }) => {
        const source = hot(' -a-b-|', { a, b });
        const expected = '   -b---#';
        expectObservable(source).toBe(expected, { b }, new Error('boom'));
      });
    expect(run).toThrow(
      new Error(
        [
          'Expected',
          `  1 next ${shownB}`,
          '  5 error Error(boom)',
          'but got',
          `  1 next ${shownA}`,
          `  3 next ${shownB}`,
          '  5 complete',
        ].join('\n'),
      ),
    );
  });

  test('says so where one side is empty', () => {
    const run = () =>
      marbles(({ expectObservable }) => {
        expectObservable(NEVER).toBe('--|');
      });
    expect(run).toThrow(new Error('Expected\n  2 complete\nbut got\n  nothing'));
  });

  test('fails for subscriptions that differ, and shows them', () => {
    const run = () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('--|');
        const subs = '       ^---!';
        expectObservable(source).toBe('--|');
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    expect(run).toThrow(new Error('Expected\n  subscribed 0 to 4\nbut got\n  subscribed 0 to 2'));
  });

  test.each([
    ['times', '-a', '--a'],
    ['values', '-a', '-b'],
    ['ends', '-a|', '-a'],
    ['groups', '-(ab)', '-ab'],
  ])('tells different %s apart', (_, actual, expected) => {
    const run = () =>
      marbles(({ hot, expectObservable }) => {
        expectObservable(hot(actual, { a, b })).toBe(expected, { a, b });
      });
    expect(run).toThrow('but got');
  });

  test('tells errors apart by name, message and cause', () => {
    const run = (cause: string) => () =>
      marbles(({ expectObservable }) => {
        const source = throwError(() => new TypeError('x', { cause: 'one' }));
        expectObservable(source).toBe('#', {}, new TypeError('x', { cause }));
      });
    expect(run('one')).not.toThrow();
    expect(run('two')).toThrow('0 error TypeError(x) caused by "two"');
  });
});
