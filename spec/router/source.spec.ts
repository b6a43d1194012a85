import { describe, expect, test } from '@jest/globals';
import { createRouter, forThread, matching, ofPrefix, ofType, type Route } from 'codex-rx';
import { map } from 'rxjs';
import { compileSource } from '../../lib/router/source.js';

describe('compileSource', () => {
  test('names a route after its source, unless its handler has a name', () => {
    const router = createRouter();
    const named = function logger() {};
    expect(router.on(ofType('a', 'b'), () => undefined).name).toBe('ofType(a, b)');
    const mapped = router.on(
      forThread('t'),
      map(({ type }) => type),
      () => undefined,
    );
    expect(mapped.name).toBe('forThread(t), operator');
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
    expect(compileSource([shaped]).pipeline).toBeNull();
    expect(compileSource([matching(() => true)]).pipeline).toBeNull();
  });

  const handler = () => undefined;
  test.each<[string, readonly unknown[], string]>([
    ['nothing', [], '"step 1" must be a matcher or an operator.'],
    ['a list', [[ofType('a')], handler], '"step 1" must be a matcher or an operator.'],
    ['a word as a step', [ofType('a'), 'b', handler], '"step 2" must be a matcher or an operator.'],
    ['what only looks like a matcher', [{ test: 1 }, handler], '"step 1" must be a matcher'],
    [
      'a matcher alone',
      [ofType('a')],
      '"handler" must be a function that takes the event, not ofType(a)',
    ],
    [
      'matchers alone',
      [ofType('a'), forThread('t')],
      '"handler" must be a function that takes the event, not forThread(t)',
    ],
    ['options in place of a handler', [ofType('a'), { bound: 1 }], '"handler" must be a function'],
    ['a word in place of a handler', [ofType('a'), 'save'], '"handler" must be a function'],
    ['a word in place of options', [ofType('a'), handler, 'merge'], '"options" must be one object'],
    ['more behind the options', [ofType('a'), handler, {}, {}], '"options" must be one object'],
    [
      'an unknown option',
      [ofType('a'), handler, { concurency: 2 }],
      '"concurency" is not an option: did you mean "concurrency"?',
    ],
  ])('says what is wrong, given %s', (_, given, message) => {
    const on = createRouter().on as (...given: readonly unknown[]) => Route;
    expect(() => on(...given)).toThrow(TypeError);
    expect(() => on(...given)).toThrow(message);
  });
});
