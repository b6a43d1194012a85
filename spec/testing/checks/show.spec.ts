import { describe, expect, test } from '@jest/globals';
import { show } from '../../../lib/testing/checks/show.js';

class Point {
  constructor(readonly x: number) {}
}

describe('show', () => {
  test('differs wherever values differ', () => {
    const values = [
      null,
      undefined,
      'undefined',
      0,
      -0,
      NaN,
      1,
      1n,
      '1',
      true,
      'true',
      '',
      Symbol('a'),
      Symbol('b'),
      [],
      [undefined],
      [[]],
      {},
      { a: undefined },
      { a: 1 },
      { a: '1' },
      { a: 1, b: 2 },
      new Point(1),
      new Point(2),
      { x: 1 },
      new Date(0),
      new Date(1),
      new Set([1]),
      new Set([2]),
      new Map([[1, 2]]),
      new Map([[1, 3]]),
      /a/,
      /a/g,
      new URL('http://a/'),
      new URL('http://b/'),
      new Error('a'),
      new Error('b'),
      new TypeError('a'),
      new Error('a', { cause: 'x' }),
      new Error('a', { cause: 'y' }),
      new Uint8Array([1]),
      new Uint8Array([2]),
      function one() {},
      function two() {},
    ];
    const shown = values.map((value) => show(value));
    expect(new Set(shown).size).toBe(values.length);
  });

  test('is the same for equal values, whatever the order of their members', () => {
    expect(show({ a: 1, b: [{ c: null }] })).toBe(show({ b: [{ c: null }], a: 1 }));
    expect(show(Object.assign(Object.create(null), { a: 1 }))).toBe(show({ a: 1 }));
  });

  test('reads well', () => {
    expect(show({ type: 'a', ids: [1, 'x'], of: new Point(1) })).toBe(
      '{ ids: [1, "x"], of: Point { x: 1 }, type: "a" }',
    );
    expect(show(new TypeError('no', { cause: new Error('why') }))).toBe(
      'TypeError(no) caused by Error(why)',
    );
  });

  test('ends for values that contain themselves, and shows twice what is there twice', () => {
    const ring: unknown[] = [];
    ring.push(ring, { ring });
    expect(show(ring)).toBe('[[circular], { ring: [circular] }]');
    const error = new Error('a');
    error.cause = error;
    expect(show(error)).toBe('Error(a) caused by [circular]');
    const leaf = { a: 1 };
    expect(show([leaf, leaf])).toBe('[{ a: 1 }, { a: 1 }]');
  });
});
