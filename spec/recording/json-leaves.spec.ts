import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leavesOf, pathOf } from '../../lib/recording/json-leaves.js';

/** Names, texts and numbers, as a walk through the value finds them. */
function walk(value: unknown): string[] {
  if (typeof value === 'string') return [`string ${value}`];
  if (typeof value === 'number') return [`number ${value}`];
  if (Array.isArray(value)) return value.flatMap(walk);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [`name ${name}`, ...walk(inner)]);
}

describe('the leaves of a JSON text', () => {
  test('are every string, name and number, where it is and what it means, in any JSON', () => {
    const indent = fc.constantFrom('', ' ', '\t', '  \n ');
    fc.assert(
      fc.property(fc.jsonValue(), indent, (value, space) => {
        const json = JSON.stringify(value, null, space);
        const found = leavesOf(json);
        const shown = found.map(({ kind, value }) =>
          kind === 'number' ? `number ${Number(value)}` : `${kind} ${value}`,
        );
        expect(shown).toEqual(walk(JSON.parse(json)));
        for (const { kind, start, end, value } of found) {
          const literal = json.slice(start, end);
          expect(kind === 'number' ? literal : JSON.parse(literal)).toBe(value);
        }
      }),
    );
  });

  test('know of which member they are, and in which they are', () => {
    const found = leavesOf('{"a":["x",{"b":"y"},"z"],"c":{"d":{"e":5}}}');
    const texts = found.filter(({ kind }) => kind !== 'name');
    expect(texts.map((leaf) => [leaf.value, leaf.name, pathOf(leaf).slice(1).join()])).toEqual([
      ['x', 'a', 'a'],
      ['y', 'b', 'a,a'],
      ['z', 'a', 'a'],
      ['5', 'e', 'c,d'],
    ]);
  });

  test('know what else is in their object or array', () => {
    const [, pair] = leavesOf('{"a":[["x-api-key","1"],2],"b":3}');
    expect(pair?.group.leaves.map(({ value }) => value)).toEqual(['x-api-key', '1']);
    expect(pair?.group.isArray && pair.group.parent?.isArray).toBe(true);
  });

  test('are read with their escapes, and with quotes that are none', () => {
    const found = leavesOf(String.raw`["\u0073k","a\"b","c\\","\\\"d"]`);
    expect(found.map(({ value }) => value)).toEqual(['sk', 'a"b', 'c\\', '\\"d']);
  });
});
