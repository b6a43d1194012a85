import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createBoundedMap } from '../../lib/bounded/index.js';

const steps = fc.array(
  fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete', 'clear'), fc.nat(12)),
  { maxLength: 200 },
);

describe('a bounded map, whatever is set, deleted and cleared,', () => {
  test('has its newest entries, and no more than its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), steps, (bound, all) => {
        const map = createBoundedMap<number, number>(bound);
        let entries: (readonly [number, number])[] = [];
        all.forEach(([kind, key], step) => {
          const others = entries.filter(([other]) => other !== key);
          if (kind === 'set') {
            map.set(key, step);
            entries = [...others, [key, step] as const].slice(-bound);
          } else if (kind === 'delete') {
            expect(map.delete(key)).toBe(others.length < entries.length);
            entries = others;
          } else if (key === 0) {
            map.clear();
            entries = [];
          }
          expect([...map]).toEqual(entries);
          expect([...map.keys()]).toEqual(entries.map(([known]) => known));
          expect(map.size).toBe(entries.length);
          expect(map.get(key)).toBe(new Map(entries).get(key));
        });
      }),
      { numRuns: 500 },
    );
  });
});
