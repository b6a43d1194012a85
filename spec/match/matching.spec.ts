import { describe, expect, test } from '@jest/globals';
import { matching, type Envelope } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { testMatcherLaws } from './properties.js';

const a = envelope('approval', { summary: 'ls' });
const b = envelope('approval', null);
const c = envelope('approval_resolved', { summary: 'no' });

const hasSummary = ({ payload }: Envelope): boolean =>
  (payload as { summary?: unknown } | null)?.summary !== undefined;

describe('matching', () => {
  test('passes the events that its guard answers true for', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-|', { a, b, c });
      const subs = '      ^------!';
      const expected = '  -a---c-|';
      expectObservable(source.pipe(matching(hasSummary))).toBe(expected, { a, c });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('ends its pipe with the error of a guard that throws, as filter does', () => {
    const oops = new Error('payload is null');
    const guard = ({ payload }: Envelope): boolean => {
      if (payload === null) throw oops;
      return true;
    };
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-|', { a, b, c });
      const subs = '      ^--!    ';
      const expected = '  -a-#    ';
      expectObservable(source.pipe(matching(guard))).toBe(expected, { a }, oops);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('asks its guard about each event alone, without the index that filter adds', () => {
    const asked: unknown[][] = [];
    const guard = (...args: unknown[]): boolean => asked.push(args) > 0;
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('(ab|)', { a, b }).pipe(matching(guard))).toBe('(ab|)', { a, b });
    });
    expect(asked).toEqual([[a], [b]]);
  });

  test('promises an index nothing', () => {
    expect(matching(hasSummary).key).toEqual({});
  });

  test('is named after its guard', () => {
    expect(matching(hasSummary).name).toBe('matching(hasSummary)');
    expect(matching(() => true).name).toBe('matching(guard)');
  });

  test('refuses anything but a function', () => {
    const make = matching as (guard: unknown) => unknown;
    for (const guard of [undefined, null, 'approval', { test: hasSummary }]) {
      expect(() => make(guard)).toThrow(
        new TypeError('"matching" must be given a guard: a function of an event.'),
      );
    }
  });

  testMatcherLaws(matching(({ type }) => type.includes('o')));
});
