import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoff } from '../../lib/socket/backoff.js';

const most = () => 1;

describe('backoff', () => {
  test('allows the first retry up to the base, and doubles with each after it', () => {
    const waits = [1, 2, 3, 4, 5].map((attempt) => backoff(attempt, 500, 30_000, most));
    expect(waits).toEqual([500, 500, 1_000, 2_000, 4_000]);
  });

  test('never waits longer than the cap', () => {
    expect(backoff(9, 500, 30_000, most)).toBe(30_000);
    expect(backoff(1, 500, 100, most)).toBe(100);
  });

  test('spreads every wait, the first too, over the whole of its limit', () => {
    for (const attempt of [1, 2, 6]) {
      const limit = backoff(attempt, 500, 30_000, most);
      expect(backoff(attempt, 500, 30_000, () => 0)).toBe(0);
      expect(backoff(attempt, 500, 30_000, () => 0.25)).toBe(limit / 4);
    }
  });

  test('stays a number from nothing to the cap, however long the outage', () => {
    // The Python client dies of an OverflowError after 1,024 attempts. Here it would be 0 * Infinity.
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, base, cap, random) => {
          const wait = backoff(attempt, base, cap, () => random);
          return wait >= 0 && wait <= cap;
        },
      ),
    );
    expect(backoff(5_000, 0, 30_000, most)).toBe(0);
    expect(backoff(5_000, 1, 30_000, most)).toBe(30_000);
  });
});
