import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eachString, type JsonString } from '../../lib/recording/json-strings.js';

function strings(json: string): (JsonString & { literal: string })[] {
  const found: (JsonString & { literal: string })[] = [];
  eachString(json, (string) => {
    const literal = json.slice(string.start, string.end);
    found.push({ ...string, path: [...string.path], literal });
  });
  return found;
}

/** Names and texts, as a walk through the value finds them. */
function walk(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(walk);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [`name ${name}`, ...walk(inner)]);
}

describe('eachString', () => {
  test('finds every string, where it is and what it means, in any JSON', () => {
    const indent = fc.constantFrom('', ' ', '\t', '  \n ');
    fc.assert(
      fc.property(fc.jsonValue(), indent, (value, space) => {
        const json = JSON.stringify(value, null, space);
        const found = strings(json);
        const parsed = JSON.parse(json) as unknown;
        expect(found.map(({ isName, value }) => (isName ? `name ${value}` : value))).toEqual(
          walk(parsed),
        );
        for (const { literal, value } of found) expect(JSON.parse(literal)).toBe(value);
      }),
    );
  });

  test('knows of which member a text is, and in which it is', () => {
    const found = strings('{"a":["x",{"b":"y"},"z"],"c":{"d":{"e":"v"}}}');
    const texts = found.filter(({ isName }) => !isName);
    expect(texts.map(({ value, name, path }) => [value, name, path.slice(1).join()])).toEqual([
      ['x', 'a', 'a'],
      ['y', 'b', 'a,a'],
      ['z', 'a', 'a'],
      ['v', 'e', 'c,d'],
    ]);
  });

  test('reads escapes, and quotes that are none', () => {
    expect(strings(String.raw`["\u0073k","a\"b","c\\","\\\"d"]`).map(({ value }) => value)).toEqual(
      ['sk', 'a"b', 'c\\', '\\"d'],
    );
  });
});
