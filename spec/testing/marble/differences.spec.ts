import { describe, expect, test } from '@jest/globals';
import { differences } from '../../../lib/testing/marble/differences.js';

describe('differences', () => {
  test('are none between equal values', () => {
    expect(differences({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
  });

  test('are told by their place', () => {
    const expected = { a: 1, list: [{ b: 'x' }, 2], gone: true, same: 0 };
    const actual = { a: '1', list: [{ b: 'y' }], more: undefined, same: 0 };
    expect(differences(expected, actual)).toEqual([
      'a: expected 1, got "1"',
      'list[0].b: expected "x", got "y"',
      'list[1]: expected 2, got nothing',
      'gone: expected true, got nothing',
      'more: expected nothing, got undefined',
    ]);
  });

  test('have no place in what has no members', () => {
    expect(differences(1, 2)).toEqual(['expected 1, got 2']);
    expect(differences([1], { 0: 1 })).toEqual(['expected [1], got { 0: 1 }']);
    expect(differences(new Error('a'), new Error('b'))).toEqual([
      'expected Error(a), got Error(b)',
    ]);
    expect(differences({ at: new Date(0) }, { at: new Date(1) })).toEqual([
      'at: expected Date(0), got Date(1)',
    ]);
  });

  test('are cut to what can be read: around the place where long texts differ', () => {
    const text = (letter: string) => `${'-'.repeat(100)}${letter}${'-'.repeat(100)}`;
    expect(differences(text('a'), text('b'))).toEqual([
      `expected …${'-'.repeat(20)}a${'-'.repeat(51)}…, got …${'-'.repeat(20)}b${'-'.repeat(51)}…`,
    ]);
    const [told = ''] = differences('a', 'b'.repeat(500));
    expect(told).toBe(`expected "a", got "${'b'.repeat(71)}…`);
  });

  test('are a few at most', () => {
    const list = Array.from({ length: 20 }, (_, index) => index);
    const told = differences(list, list.map(String));
    expect(told).toHaveLength(7);
    expect(told.at(-1)).toBe('and 14 more');
  });

  test('end for values that contain themselves', () => {
    const ring = (n: number) => {
      const value: Record<string, unknown> = { n };
      return Object.assign(value, { value });
    };
    expect(differences(ring(1), ring(2))).toEqual([
      'expected { n: 1, value: [circular] }, got { n: 2, value: [circular] }',
    ]);
  });
});
