import { describe, expect, test } from '@jest/globals';
import { createRouter, ofPrefix, type Envelope, type RouteOptions } from 'codex-rx';
import { envelope, marbles, seenBy } from 'codex-rx/testing';
import fc from 'fast-check';
import { mergeMap, NEVER, of, Subject, throwError } from 'rxjs';
import { createHandlerQueue } from '../../lib/router/handler-queue.js';
import { routeOptions } from '../../lib/router/route-options.js';
import type { RunnableRoute, Work } from '../../lib/router/runnable-route.js';
import { anyLoad, carriedOut, expectedOf } from './keyed-loads.js';

const any = ofPrefix('');
const inT1 = (type: string) => envelope(type, null, { threadId: 't1' });
const [a, b, c] = [inT1('a'), inT1('b'), inT1('c')];
const [x, y] = [envelope('x', null, { threadId: 't2' }), envelope('y', null, { threadId: 't2' })];
const byThread: RouteOptions = { key: (event) => (event as Envelope).threadId };

/** A handler whose runs are ended by hand. */
function byHand() {
  const seen: Envelope[] = [];
  const runs: Subject<unknown>[] = [];
  const handler = (event: Envelope) => {
    const run = new Subject<unknown>();
    seen.push(event);
    runs.push(run);
    return run;
  };
  return { seen, runs, handler };
}

/** A queue for the values that are their own keys. */
function queueOf(handler: () => unknown, options: RouteOptions = {}) {
  const counts = {
    failed: 0,
    dropped: 0,
    skipped: 0,
    cancelled: 0,
    running: 0,
    waiting: 0,
    slowest: 0,
  };
  const route: RunnableRoute = {
    closed: false,
    settings: routeOptions({ ...options, key: (value) => value }),
    counts,
    call: handler,
    run: () => undefined,
    recordDuration: () => undefined,
    report: () => undefined,
    runToCompletion(task) {
      task();
    },
    complete: () => undefined,
    onIdle: () => undefined,
  };
  return { queue: createHandlerQueue(route), route };
}

const workOf = (value: unknown): Work => ({
  value,
  envelope: null,
  context: { threadId: null, connection: 0, reconnects: 0, receivedAt: 0 },
  settlement: null,
});

describe('HandlerQueue with a key', () => {
  test('applies the strategy for each key on its own', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const router = createRouter();
      const source = hot('  -abx-----', { a, b, x });
      const work = cold('    ---|     ');
      const subs = ['       -^--!     ', '---^--!', '----^--!'];
      const seen = '        -a-xb----';
      expectObservable(seenBy(router, any, () => work, byThread)).toBe(seen, { a, b, x });
      router.connect(source);
      expectSubscriptions(work.subscriptions).toBe(subs);
    });
  });

  describe('holds its limits for all keys together', () => {
    test('runs no more handlers than "concurrency", and keeps no more events than "bound"', () => {
      const router = createRouter();
      router.errors$.subscribe();
      const route = router.on(any, () => NEVER, { key: (event) => event });
      for (let sent = 0; sent < 200_000; sent++) router.dispatch(envelope('delta'));
      expect(route.stats).toMatchObject({ running: 100, waiting: 10_000, dropped: 189_900 });
    });

    test('drops no lifecycle event and no server request', () => {
      const router = createRouter();
      router.errors$.subscribe();
      const options = { key: (event: unknown) => event, concurrency: 1, bound: 2 };
      const route = router.on(any, () => NEVER, options);
      const types = ['delta', 'delta', 'approval', 'item.started', 'delta', 'approval'];
      for (const type of types) router.dispatch(envelope(type));
      expect(route.stats).toMatchObject({ running: 1, waiting: 3, dropped: 2 });
    });

    test('drops the event that has waited longest, whatever its key', () => {
      const router = createRouter();
      router.errors$.subscribe();
      const { seen, runs, handler } = byHand();
      router.on(any, handler, { ...byThread, bound: 2 });
      for (const event of [a, b, x, y, c]) router.dispatch(event);
      for (let next = 0; next < runs.length; next++) runs[next]?.complete();
      expect(seen).toEqual([a, x, c, y]);
    });

    test('lets the keys take turns, and keeps the order within each', () => {
      const router = createRouter();
      const { seen, runs, handler } = byHand();
      router.on(any, handler, { ...byThread, concurrency: 1 });
      for (const event of [a, b, c, x, y]) router.dispatch(event);
      for (let next = 0; next < runs.length; next++) runs[next]?.complete();
      expect(seen).toEqual([a, x, b, y, c]);
    });

    test('goes on for a key with what came last, under switch, and with what came first, under exhaust', () => {
      const router = createRouter();
      const kept = (['switch', 'exhaust'] as const).map((strategy) => {
        const { seen, runs, handler } = byHand();
        const route = router.on(any, handler, { ...byThread, strategy, concurrency: 1 });
        return { seen, runs, route };
      });
      for (const event of [x, a, b, c]) router.dispatch(event);
      for (const { runs } of kept) runs[0]?.complete();
      expect(kept.map(({ seen }) => seen)).toEqual([
        [x, c],
        [x, a],
      ]);
      expect(kept.map(({ route }) => route.stats)).toMatchObject([
        { cancelled: 2 },
        { skipped: 2 },
      ]);
    });

    test('does what a list of what waits would, asked one by one', () => {
      fc.assert(
        fc.property(anyLoad, (load) => {
          const expected = expectedOf(load);
          expect(carriedOut(load)).toEqual(expected);
        }),
        { numRuns: 1_000 },
      );
    });
  });

  test('reports a key that throws, and runs nothing for it', () => {
    marbles(({ hot, expectObservable }) => {
      const router = createRouter();
      const source = hot(' -a-b-c-', { a, b, c });
      const seen = '       -a---c-';
      const errors = '     ---e---';
      const key = (event: unknown) => {
        if (event === b) throw new Error('no key');
      };
      expectObservable(seenBy(router, any, () => of(1), { key })).toBe(seen, { a, c });
      expectObservable(router.errors$.pipe(mergeMap(({ message }) => [message]))).toBe(errors, {
        e: 'Route "ofPrefix()" failed in its handler on b: no key',
      });
      router.connect(source);
    });
  });

  test.each([
    ['nothing', () => undefined],
    ['an Observable', () => of(1)],
    ['a promise', () => Promise.resolve()],
    ['a promise that rejects', () => Promise.reject('x')],
    ['what throws', () => throwError(() => 'x')],
  ])(
    'forgets a key when its handler has ended with %s: there are keys without end',
    async (_, end) => {
      const { queue, route } = queueOf(end);
      for (const value of [1, 2, 3]) queue.deliver(workOf(value));
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      expect(queue.keys.size).toBe(0);
      expect(route.counts).toMatchObject({ running: 0, waiting: 0 });
    },
  );

  test('forgets a key whose only event was dropped, or given up with its run', () => {
    const { queue } = queueOf(() => NEVER, { concurrency: 1, bound: 1 });
    for (const value of [1, 2, 3]) queue.deliver(workOf(value));
    expect(queue.keys.size).toBe(2);
    queue.close();
    expect(queue.keys.size).toBe(0);
  });

  test('keeps a key while its handler is being called, whatever comes out of its pipeline meanwhile', () => {
    // A queue that is forgotten here runs next to the next one of its key, and outlives its route.
    const router = createRouter();
    const extra = new Subject<string>();
    const held = new Subject<unknown>();
    const log: string[] = [];
    const route = router.on(
      mergeMap(({ type }) => (type === 'a' ? extra : of(type))),
      (value) => {
        log.push(value);
        if (value !== 'b') return;
        extra.next('from inside');
        return held;
      },
      { key: () => 'one', strategy: 'merge' },
    );
    for (const event of [a, b]) router.dispatch(event);
    expect(log).toEqual(['b', 'from inside']);
    route.unsubscribe();
    expect(held.observed).toBe(false);
  });

  test('knows what switch runs after it has given up the run before', () => {
    // Forgotten between the two, a queue would outlive its route.
    const router = createRouter();
    const work = new Subject<unknown>();
    const route = router.on(any, () => work, { ...byThread, strategy: 'switch' });
    for (const event of [a, b]) router.dispatch(event);
    expect(route.stats).toMatchObject({ running: 1, cancelled: 1 });
    route.unsubscribe();
    expect(work.observed).toBe(false);
  });

  test('gives up what runs for every key when the route is removed', () => {
    const router = createRouter();
    const work = new Subject<unknown>();
    const route = router.on(any, () => work, byThread);
    for (const event of [a, x, a]) router.dispatch(event);
    route.unsubscribe();
    expect(work.observed).toBe(false);
    expect(route.stats).toMatchObject({ running: 0, waiting: 0 });
  });
});
