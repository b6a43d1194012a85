import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprint } from '../../lib/requests/fingerprint.js';

describe('a fingerprint', () => {
  test('is the same for the same, and short', () => {
    fc.assert(
      fc.property(fc.object(), (value) => {
        expect(fingerprint(value)).toBe(fingerprint(structuredClone(value)));
        expect(fingerprint(value)).toMatch(/^[a-z\d]{1,7}-[a-z\d]{1,7}$/);
      }),
    );
  });

  test('is another for each of 100,000 others', () => {
    const all = Array.from({ length: 100_000 }, (_, n) =>
      fingerprint({ message: `question ${n}` }),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});
