import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createRouter, matching, ofType, type Envelope, type Route } from 'codex-rx';
import { envelope, marbles, seenBy } from 'codex-rx/testing';
import { asyncScheduler, map, Subscription, timer } from 'rxjs';

const [a, b, c] = [envelope('a'), envelope('b'), envelope('c')];

afterEach(() => {
  jest.restoreAllMocks();
});

describe('RunningRoute', () => {
  test('fits RxJS: a route is a part of a subscription', () => {
    const router = createRouter();
    const subscription = new Subscription();
    const route = router.on(ofType('a'), () => undefined);
    subscription.add(route);
    subscription.unsubscribe();
    expect(route.closed).toBe(true);
    expect(router.routes).toEqual([]);
  });

  test('counts what it does', () => {
    const router = createRouter();
    router.errors$.subscribe();
    let runs = 0;
    const route = router.on(ofType('a'), () => {
      if (++runs === 2) throw new Error('boom');
    });
    const none = {
      failed: 0,
      dropped: 0,
      skipped: 0,
      cancelled: 0,
      running: 0,
      waiting: 0,
      slowest: 0,
    };
    expect(route.stats).toEqual({ handled: 0, ...none });
    for (const event of [a, b, a, a]) router.dispatch(event);
    const slowest: unknown = expect.any(Number); // a machine may be busy
    expect(route.stats).toEqual({ handled: 3, ...none, failed: 1, slowest });
  });

  test.each<[string, readonly unknown[]]>([
    ['a matcher', [ofType('a')]],
    ['an operator', [ofType('a'), map(({ type }: Envelope) => type)]],
  ])('behind %s times the first call of its handler, and every 64th', (_, source) => {
    // Looks at the clock cost more than most handlers.
    const clock = { time: 0 };
    jest.spyOn(asyncScheduler, 'now').mockImplementation(() => clock.time);
    const router = createRouter();
    let calls = 0;
    const route = (router.on as (...given: unknown[]) => Route)(
      ...source,
      () => void (clock.time += ++calls),
    );
    const slowest = [1, 63, 1, 10].map((times) => {
      for (let time = 0; time < times; time++) router.dispatch(a);
      return route.stats.slowest;
    });
    expect(slowest).toEqual([1, 1, 65, 65]);
  });

  test('times a call that throws, too', () => {
    const clock = { time: 0 };
    jest.spyOn(asyncScheduler, 'now').mockImplementation(() => clock.time);
    const router = createRouter();
    router.errors$.subscribe();
    const route = router.on(ofType('a'), () => {
      clock.time += 3;
      throw new Error('boom');
    });
    router.dispatch(a);
    expect(route.stats.slowest).toBe(3);
  });

  test('times whatever is waited for to its end, and keeps the longest', () => {
    const slowest: number[] = [];
    marbles(({ hot }) => {
      const router = createRouter();
      const took = [2, 4, 3];
      const route = router.on(ofType('a'), () => timer(took.shift() ?? 0));
      router.connect(hot('-----a----a----a', { a }));
      for (const time of [6, 8, 15, 19]) {
        timer(time).subscribe(() => slowest.push(route.stats.slowest));
      }
    });
    expect(slowest).toEqual([0, 2, 4, 4]);
  });

  test('waits from the first result that has to be waited for, and no earlier', () => {
    marbles(({ hot, cold, expectObservable }) => {
      const router = createRouter();
      const source = hot('  -abc------', { a, b, c });
      const work = cold('     ---|    ');
      const seen = '        -ab--c----';
      const handler = (event: unknown) => (event === b ? work : event);
      expectObservable(seenBy(router, ofType('a', 'b', 'c'), handler)).toBe(seen, { a, b, c });
      router.connect(source);
    });
  });

  test('asks a matcher once for each event that may be its own', () => {
    const router = createRouter();
    const guard = jest.fn(() => true);
    router.on(ofType('a'), matching(guard), () => undefined);
    for (const event of [a, b, a]) router.dispatch(event);
    expect(guard).toHaveBeenCalledTimes(2);
  });

  test('may be removed as often as one likes, also by itself', () => {
    const router = createRouter();
    const seen = jest.fn();
    const route = router.on(ofType('a'), () => {
      seen();
      route.unsubscribe();
      route.unsubscribe();
    });
    router.dispatch(a);
    router.dispatch(a);
    expect(seen).toHaveBeenCalledTimes(1);
  });
});
