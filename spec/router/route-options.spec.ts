import { describe, expect, test } from '@jest/globals';
import type { RouteOptions } from 'codex-rx';
import { routeOptions } from '../../lib/router/route-options.js';

describe('routeOptions', () => {
  test('fills in the defaults', () => {
    const standard = {
      strategy: 'concat',
      concurrency: 100,
      bound: 10_000,
      overflow: 'drop-oldest',
    };
    expect(routeOptions(undefined)).toEqual(standard);
    expect(routeOptions({ bound: undefined, name: 'x' } as never)).toEqual({
      ...standard,
      name: 'x',
    });
  });

  test('takes other defaults', () => {
    const defaults = routeOptions({ bound: 5 });
    expect(routeOptions({ strategy: 'merge' }, defaults)).toMatchObject({
      bound: 5,
      strategy: 'merge',
    });
  });

  test('takes no bound at all as Infinity', () => {
    expect(routeOptions({ bound: Infinity, concurrency: Infinity })).toMatchObject({
      bound: Infinity,
      concurrency: Infinity,
    });
  });

  test.each([
    [
      { strategy: 'latest' },
      '"strategy" must be concat or merge or switch or exhaust, not latest.',
    ],
    [{ overflow: 'drop' }, '"overflow" must be drop-oldest or drop-newest, not drop.'],
    [{ bound: 0 }, '"bound" must be a whole number above 0, not 0.'],
    [{ bound: -1 }, '"bound" must be a whole number above 0, not -1.'],
    [{ bound: 1.5 }, '"bound" must be a whole number above 0, not 1.5.'],
    [{ bound: '9' }, '"bound" must be a whole number above 0, not 9.'],
    [{ concurrency: NaN }, '"concurrency" must be a whole number above 0, not NaN.'],
    [{ key: 'threadId' }, '"key" must be a function of an event.'],
  ])('says which option is wrong, and what it may be: %j', (options, message) => {
    expect(() => routeOptions(options as unknown as RouteOptions)).toThrow(new TypeError(message));
  });
});
