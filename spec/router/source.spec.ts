import { describe, expect, test } from '@jest/globals';
import { createRouter, forThread, matching, ofPrefix, ofType, type RouteStep } from 'codex-rx';
import { map } from 'rxjs';
import { compileSource } from '../../lib/router/source.js';

describe('compileSource', () => {
  test('names a route after its source, unless its handler has a name', () => {
    const router = createRouter();
    const named = function logger() {};
    const nameOf = (steps: readonly [RouteStep, ...RouteStep[]]) =>
      router.on(steps, () => undefined).name;
    expect(nameOf([ofType('a', 'b')])).toBe('ofType(a, b)');
    expect(nameOf([forThread('t'), map(String)])).toBe('forThread(t), operator');
    expect(router.on(ofType('a'), named).name).toBe('logger');
    expect(router.on(ofType('a'), named, { name: 'mine' }).name).toBe('mine');
  });

  test('takes the matchers before the first operator for the index', () => {
    const { key, pipeline } = compileSource([forThread('t'), map(() => 'x'), ofType('a')] as never);
    expect(key).toMatchObject({ threads: ['t'], complete: true });
    expect(key.types).toBeUndefined();
    expect(pipeline).not.toBeNull();
  });

  test('keeps what is common to several matchers of one kind', () => {
    const { key } = compileSource([ofType('a', 'b'), ofType('b', 'c'), ofPrefix('b')]);
    expect(key).toMatchObject({ types: ['b'], prefixes: ['b'] });
    expect(compileSource([ofType('a'), ofType('b')]).key.types).toEqual([]);
  });

  test('takes any function shaped like a matcher for one', () => {
    const shaped = Object.assign(ofType('a').bind(null), { test: () => true, key: {} });
    expect(compileSource(shaped as never).pipeline).toBeNull();
    expect(compileSource(matching(() => true)).pipeline).toBeNull();
  });

  test.each([[undefined], ['a'], [[]], [[ofType('a'), 'b']], [{ test: 1 }]])(
    'says what a route may listen to, if it is no such thing: %p',
    (source: unknown) => {
      expect(() => createRouter().on(source as never, () => undefined)).toThrow(
        /^"source" must be a matcher.*, an operator, or a list of them\.$/,
      );
    },
  );
});
