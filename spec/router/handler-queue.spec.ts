import { describe, expect, jest, test } from '@jest/globals';
import {
  createRouter,
  forThread,
  OverflowError,
  ofPrefix,
  type Envelope,
  type HandlerError,
  type RouteOptions,
  type Strategy,
} from 'codex-rx';
import { envelope, marbles, seenBy } from 'codex-rx/testing';
import fc from 'fast-check';
import {
  concatMap,
  defer,
  delay,
  EMPTY,
  exhaustMap,
  finalize,
  groupBy,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  switchMap,
  tap,
  throwError,
  timer,
  type OperatorFunction,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { isDurable } from '../../lib/envelope/index.js';

const [a, b, c, d] = [envelope('a'), envelope('b'), envelope('c'), envelope('d')];
const durable = envelope('app_server.turn.completed');
const any = ofPrefix('');

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A router whose errors are collected, and kept off the console. */
function collecting() {
  const router = createRouter();
  const errors: HandlerError[] = [];
  router.errors$.subscribe((error) => errors.push(error));
  return { router, errors };
}

/** A handler's results, to be ended by hand in any order. */
function byHand() {
  const runs: Subject<unknown>[] = [];
  const handler = () => {
    const run = new Subject<unknown>();
    runs.push(run);
    return run;
  };
  return { runs, handler };
}

describe('HandlerQueue', () => {
  describe('concat', () => {
    test('runs one event after the other', () => {
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const router = createRouter();
        const source = hot('  -ab-----c---', { a, b, c });
        const work = cold('    ---|        ');
        const subs = ['       -^--!        ', '----^--!', '--------^--!'];
        const seen = '        -a--b---c---';
        expectObservable(seenBy(router, any, () => work)).toBe(seen, { a, b, c });
        router.connect(source);
        expectSubscriptions(work.subscriptions).toBe(subs);
      });
    });

    test('goes on with the next event when one fails', () => {
      marbles(({ hot, cold, expectObservable }) => {
        const router = createRouter();
        const source = hot('  -ab----', { a, b });
        const work = cold('    ---#   ');
        const seen = '        -a--b--';
        const failed = '      ----x--y';
        const causes = router.errors$.pipe(map(({ envelope, cause }) => [envelope, cause]));
        expectObservable(causes).toBe(failed, { x: [a, 'error'], y: [b, 'error'] });
        expectObservable(seenBy(router, any, () => work)).toBe(seen, { a, b });
        router.connect(source);
      });
    });

    test.each([
      ['promises', () => later()],
      ['thenables', () => ({ then: (done: () => void) => void setTimeout(done) })],
      ['Observables', () => timer(1)],
      ['Observables of another library', () => foreign(timer(1))],
      [
        'async iterables',
        async function* () {
          await later();
          yield 1;
          yield 2;
        },
      ],
    ])('waits for %s', async (_, result) => {
      const { router, errors } = collecting();
      const log: string[] = [];
      const route = router.on(any, ({ type }) => {
        log.push(type);
        return result();
      });
      router.dispatch(a);
      router.dispatch(b);
      expect(log).toEqual(['a']);
      expect(route.stats).toMatchObject({ handled: 1, running: 1, waiting: 1 });
      await router.idle();
      expect(log).toEqual(['a', 'b']);
      expect(route.stats).toMatchObject({ handled: 2, running: 0, waiting: 0 });
      expect(errors).toEqual([]);
    });

    test('runs what waits in a loop, never within itself', () => {
      const { router, errors } = collecting();
      const gate = new Subject<unknown>();
      let runs = 0;
      router.on(any, () => (runs++ === 0 ? gate : of(1)), { bound: 20_000 });
      for (let sent = 0; sent < 20_000; sent++) router.dispatch(a);
      gate.complete();
      expect(runs).toBe(20_000);
      expect(errors).toEqual([]);
    });

    test('keeps what its own pipeline emits inside the handler for later', () => {
      const { router } = collecting();
      const extra = new Subject<string>();
      const log: string[] = [];
      router.on(
        mergeMap(({ type }) => (type === 'a' ? extra : of(type))),
        (value) => {
          log.push(`${value} begins`);
          if (value === 'b') extra.next('from inside');
          log.push(`${value} ends`);
        },
        { key: () => 'one' },
      );
      router.dispatch(a);
      router.dispatch(b);
      expect(log).toEqual(['b begins', 'b ends', 'from inside begins', 'from inside ends']);
    });
  });

  describe('merge', () => {
    test('runs events beside each other, as many at once as "concurrency" says', () => {
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const router = createRouter();
        const source = hot('  -abc-d---', { a, b, c, d });
        const work = cold('    ---|     ');
        const subs = ['       -^--!', '     --^--!', '     ----^--!', '     -----^--!'];
        const seen = '        -ab-cd---';
        const options: RouteOptions = { strategy: 'merge', concurrency: 2 };
        expectObservable(seenBy(router, any, () => work, options)).toBe(seen, { a, b, c, d });
        router.connect(source);
        expectSubscriptions(work.subscriptions).toBe(subs.map((line) => line.trim()));
      });
    });

    test('runs 100 at once by default', () => {
      const { router } = collecting();
      const route = router.on(any, () => NEVER, { strategy: 'merge' });
      for (let sent = 0; sent < 101; sent++) router.dispatch(a);
      expect(route.stats).toMatchObject({ running: 100, waiting: 1 });
    });
  });

  test('switch gives up the earlier run for the new one', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const router = createRouter();
      const source = hot('  -ab-----c---', { a, b, c });
      const work = cold('    ---|        ');
      const subs = ['       -^!', '--^--!', '--------^--!'];
      const seen = '        -ab-----c---';
      const options: RouteOptions = { strategy: 'switch' };
      expectObservable(seenBy(router, any, () => work, options)).toBe(seen, { a, b, c });
      router.connect(source);
      expectSubscriptions(work.subscriptions).toBe(subs);
    });
  });

  test('exhaust skips events while the handler runs, and counts them', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const router = createRouter();
      const source = hot('  -abc----d---', { a, b, c, d });
      const work = cold('    ----|       ');
      const subs = ['       -^---!', '--------^---!'];
      const seen = '        -a------d---';
      const options: RouteOptions = { strategy: 'exhaust' };
      expectObservable(seenBy(router, any, () => work, options)).toBe(seen, { a, d });
      router.connect(source);
      expectSubscriptions(work.subscriptions).toBe(subs);
    });
  });

  test('counts what exhaust skips and what switch gives up', () => {
    const { router } = collecting();
    const skipping = router.on(any, () => NEVER, { strategy: 'exhaust' });
    const switching = router.on(any, () => NEVER, { strategy: 'switch' });
    for (const event of [a, b, c]) router.dispatch(event);
    expect(skipping.stats).toMatchObject({ handled: 1, skipped: 2, cancelled: 0, running: 1 });
    expect(switching.stats).toMatchObject({ handled: 3, skipped: 0, cancelled: 2, running: 1 });
  });

  test('does what RxJS does: concatMap, mergeMap, switchMap, exhaustMap, and groupBy', () => {
    const run = fc.record({
      at: fc.integer({ min: 1, max: 40 }),
      thread: fc.constantFrom('t1', 't2', 't3'),
      lasts: fc.constantFrom(0, 0, 1, 3, 10),
      ends: fc.constantFrom('well', 'badly', 'before it began'),
    });
    type Run = typeof run extends fc.Arbitrary<infer R> ? R : never;
    const options = fc
      .record({
        strategy: fc.constantFrom<Strategy>('concat', 'merge', 'switch', 'exhaust'),
        concurrency: fc.integer({ min: 1, max: 3 }),
        keyed: fc.boolean(),
      })
      // RxJS has no limit for all keys together; `merge` is the same with keys and without.
      .map(({ strategy, concurrency, keyed }) => {
        const isGrouped = keyed && strategy !== 'merge';
        return { strategy, keyed, isGrouped, concurrency: isGrouped ? 3 : concurrency };
      });

    /** What happens when, in virtual time. */
    function logged(
      runs: readonly Run[],
      start: (work: (run: Run) => Observable<unknown>) => OperatorFunction<Run, unknown>,
    ) {
      const log: string[] = [];
      const scheduler = new TestScheduler(() => undefined);
      scheduler.run(() => {
        const say = (what: string, { at, thread }: Run) =>
          log.push(`${scheduler.now()} ${thread} ${at} ${what}`);
        const work = (run: Run) => {
          say('begins', run);
          if (run.ends === 'before it began') throw new Error('before');
          const end$ = run.ends === 'well' ? EMPTY : throwError(() => new Error('badly'));
          // RxJS runs the teardown of what ends at once after the next has begun: not compared.
          if (run.lasts === 0) return end$;
          return timer(run.lasts).pipe(
            mergeMap(() => end$),
            finalize(() => say('ends', run)),
          );
        };
        const source = new Observable<Run>((subscriber) => {
          for (const run of runs) timer(run.at).subscribe(() => subscriber.next(run));
        });
        source.pipe(start(work)).subscribe();
      });
      return log;
    }

    fc.assert(
      fc.property(
        fc.array(run, { maxLength: 12 }),
        options,
        (runs, { strategy, concurrency, keyed, isGrouped }) => {
          const routed = logged(runs, (work) => (source) => {
            const { router } = collecting();
            router.on(any, ({ payload }) => work(payload as Run), {
              strategy,
              concurrency,
              ...(keyed ? { key: ({ threadId }: Envelope) => threadId } : {}),
            });
            return source.pipe(
              tap((run) => {
                router.dispatch(envelope('run', run, { threadId: run.thread }));
              }),
            );
          });
          const piped = logged(runs, (work) => {
            const safely = (run: Run) =>
              new Observable((subscriber) =>
                defer(() => work(run)).subscribe({
                  error: () => {
                    subscriber.complete();
                  },
                  complete: () => {
                    subscriber.complete();
                  },
                }),
              );
            const flatten = {
              concat: concatMap(safely),
              merge: mergeMap(safely, concurrency),
              switch: switchMap(safely),
              exhaust: exhaustMap(safely),
            }[strategy];
            return (source) =>
              isGrouped
                ? source.pipe(
                    groupBy(({ thread }) => thread),
                    mergeMap((group) => group.pipe(flatten)),
                  )
                : source.pipe(flatten);
          });
          expect(routed).toEqual(piped);
        },
      ),
      { numRuns: 300 },
    );
  });

  describe('guarantee 6, bounded', () => {
    const approval = envelope('approval');

    test('drops the event that has waited longest, or the newest, and counts', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const gate = new Subject<unknown>();
        const source = hot('     -abcd-g-', { a, b, c, d, g: envelope('gate') });
        const oldest = '         -a----(cd)';
        const newest = '         -a----(bc)';
        const errors = '         ----(dd)';
        let open = false;
        const stuck = () => (open ? undefined : gate);
        const steps = ofPrefix('a', 'b', 'c', 'd');
        const keepOld: RouteOptions = { bound: 2, overflow: 'drop-newest' };
        expectObservable(seenBy(router, steps, stuck, { bound: 2 })).toBe(oldest, { a, c, d });
        expectObservable(seenBy(router, steps, stuck, keepOld)).toBe(newest, { a, b, c });
        expectObservable(router.errors$.pipe(map(({ envelope }) => envelope))).toBe(errors, { d });
        router.on(ofPrefix('gate'), () => {
          open = true;
          gate.complete();
        });
        router.connect(source);
      });
    });

    test('reports with what was full, and how much is lost', () => {
      const { router, errors } = collecting();
      const route = router.on(any, () => NEVER, { bound: 2, name: 'slow' });
      for (const event of [a, b, c, d]) router.dispatch(event);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ route: 'slow', kind: 'queue', envelope: d });
      expect(errors[0]?.cause).toBeInstanceOf(OverflowError);
      expect(errors[0]?.cause).toMatchObject({ bound: 2, dropped: 1, waiting: 2 });
      expect(errors[0]?.message).toBe(
        'Route "slow" failed in its queue on d: 2 events wait (bound 2), 1 dropped so far.',
      );
      expect(route.stats).toMatchObject({ dropped: 1, waiting: 2, failed: 0 });
    });

    test.each([
      ['dropped-newest', a, a, { overflow: 'drop-newest' }],
      ['dropped-oldest', a, a, { overflow: 'drop-oldest' }],
      ['dropped-newest', durable, a, { overflow: 'drop-oldest' }],
      ['dropped-oldest', a, durable, { overflow: 'drop-newest' }],
      ['kept', durable, durable, { overflow: 'drop-oldest' }],
    ] as const)('reports what it did: %s', (kind, waiting, coming, options) => {
      const { router, errors } = collecting();
      router.on(any, () => NEVER, { bound: 1, ...options });
      for (const event of [a, waiting, coming]) router.dispatch(event);
      expect(errors.map(({ cause }) => (cause as OverflowError).kind)).toEqual([kind]);
    });

    test('reports the 1st, 2nd, 4th, 8th … of them, so that the report is no flood', () => {
      const { router, errors } = collecting();
      const route = router.on(any, () => NEVER, { bound: 1 });
      for (let sent = 0; sent < 102; sent++) router.dispatch(a);
      const dropped = errors.map(({ cause }) => (cause as OverflowError).dropped);
      expect(dropped).toEqual([1, 2, 4, 8, 16, 32, 64]);
      expect(route.stats.dropped).toBe(100);
    });

    test('keeps the bound under 100,000 events on a stuck handler', () => {
      const { router } = collecting();
      const route = router.on(any, () => NEVER);
      // Lifecycle events between the others: what may be dropped is found without a search.
      const started = envelope('item.started');
      for (let sent = 0; sent < 100_000; sent++) router.dispatch(sent % 11 === 0 ? started : a);
      expect(route.stats).toMatchObject({ waiting: 10_000, dropped: 89_999, handled: 1 });
    });

    test('drops another event for a durable one, and grows only where there is none', () => {
      const { router, errors } = collecting();
      const { runs, handler } = byHand();
      const seen: Envelope[] = [];
      const route = router.on(
        any,
        (event) => {
          seen.push(event);
          return handler();
        },
        { bound: 2, overflow: 'drop-newest' },
      );
      for (const event of [a, b, c, approval, approval, approval, d]) router.dispatch(event);
      expect(route.stats).toMatchObject({ dropped: 3, waiting: 3 });
      expect(errors.map(({ envelope }) => envelope)).toEqual([approval, approval, d]);
      for (let at = 0; at < 4; at++) runs[at]?.complete();
      expect(seen).toEqual([a, approval, approval, approval]);
      expect(route.stats).toMatchObject({ waiting: 0, running: 0 });
    });

    test('reports a queue that stays just beyond its bound no more often than a flood', () => {
      const { router, errors } = collecting();
      const { runs, handler } = byHand();
      router.on(any, handler, { bound: 1 });
      for (let sent = 0; sent < 3; sent++) router.dispatch(approval);
      for (let sent = 0; sent < 100; sent++) {
        runs.at(-1)?.complete();
        router.dispatch(approval);
      }
      expect(errors).toHaveLength(7);
    });

    test('keeps durable events whatever the operators of a route do with them', () => {
      marbles(({ expectObservable }) => {
        const { router } = collecting();
        const route = router.on(any, delay<Envelope>(1), () => NEVER, { bound: 1 });
        for (let sent = 0; sent < 5; sent++) router.dispatch(approval);
        expectObservable(timer(2).pipe(map(() => route.stats.waiting))).toBe('--(a|)', { a: 4 });
      });
    });

    test('drops what may go, in order and counted, and nothing else, for any load', () => {
      const types = ['delta', 'approval', 'item.started', 'x'] as const;
      const step = fc.oneof(
        fc.record({ kind: fc.constant('event'), type: fc.constantFrom(...types) }),
        fc.record({ kind: fc.constant('end'), type: fc.constant('') }),
      );
      const load = fc.record({
        steps: fc.array(step, { maxLength: 60 }),
        bound: fc.integer({ min: 1, max: 5 }),
        overflow: fc.constantFrom('drop-oldest', 'drop-newest'),
      });
      fc.assert(
        fc.property(load, ({ steps, bound, overflow }) => {
          const { router, errors } = collecting();
          const { runs, handler } = byHand();
          const seen: unknown[] = [];
          const route = router.on(
            any,
            ({ payload }) => {
              seen.push(payload);
              return handler();
            },
            { bound, overflow },
          );

          const expected: unknown[] = [];
          const queue: Envelope<string, number>[] = [];
          let [busy, dropped, full] = [false, 0, 0];
          steps.forEach(({ kind, type }, number) => {
            if (kind === 'end') {
              runs.at(-1)?.complete();
              const next = queue.shift();
              busy = next !== undefined;
              if (next) expected.push(next.payload);
              return;
            }
            const event = envelope(type, number);
            router.dispatch(event);
            if (!busy) {
              busy = true;
              expected.push(number);
            } else if (queue.push(event) > bound) {
              full++;
              const oldest = queue.findIndex((waiting) => !isDurable(waiting));
              const goes =
                isDurable(event) || overflow === 'drop-oldest' ? oldest : queue.length - 1;
              if (goes !== -1) {
                queue.splice(goes, 1);
                dropped++;
              }
            }
          });
          expect(seen).toEqual(expected);
          expect(route.stats).toMatchObject({
            dropped,
            waiting: queue.length,
            running: Number(busy),
          });
          expect(errors).toHaveLength(full === 0 ? 0 : Math.floor(Math.log2(full)) + 1);
        }),
        { numRuns: 400 },
      );
    });
  });

  describe('removal', () => {
    test('gives up what runs and what waits', () => {
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const router = createRouter();
        const source = hot(' -abc----', { a, b, c });
        const work = cold('   -----|  ');
        const until = '      ^---!   ';
        const subs = '       -^--!   ';
        const seen = '       -a------';
        expectObservable(
          seenBy(router, any, () => work),
          until,
        ).toBe(seen, { a });
        router.connect(source);
        expectSubscriptions(work.subscriptions).toBe(subs);
      });
    });

    test('leaves nothing running or waiting in the counts', () => {
      const { router } = collecting();
      const route = router.on(any, () => NEVER, { strategy: 'merge', concurrency: 2 });
      for (const event of [a, b, c, d]) router.dispatch(event);
      expect(route.stats).toMatchObject({ running: 2, waiting: 2 });
      route.unsubscribe();
      expect(route.stats).toMatchObject({ running: 0, waiting: 0 });
    });

    test('still reports the rejection of a promise that was given up', async () => {
      const { router, errors } = collecting();
      const handler = () => later().then(() => Promise.reject('late'));
      const route = router.on(any, handler, { name: 'gone' });
      router.dispatch(a);
      route.unsubscribe();
      await later();
      await later();
      expect(errors.map(({ message }) => message)).toEqual([
        'Route "gone" failed in its handler on a: late',
      ]);
      expect(route.stats).toMatchObject({ failed: 1, running: 0 });
    });

    test('ends an async iterable at its next value', async () => {
      const { router } = collecting();
      const log: string[] = [];
      const route = router.on(any, async function* () {
        try {
          for (let value = 1; ; value++) {
            await later();
            log.push(`value ${value}`);
            yield value;
          }
        } finally {
          log.push('ended');
        }
      });
      router.dispatch(a);
      route.unsubscribe();
      for (let turns = 0; turns < 5; turns++) await later();
      expect(log).toEqual(['value 1', 'ended']);
    });

    test('reports a teardown that throws, by whatever it is run', () => {
      marbles(({ hot, cold, expectObservable }) => {
        const router = createRouter();
        const source = hot('    -abc----', { a, b, c });
        const work = cold('      ---|    ');
        const failed = '        --a--bc-';
        const badly = () =>
          work.pipe(
            finalize(() => {
              throw 'teardown';
            }),
          );
        expectObservable(router.errors$.pipe(map(({ envelope }) => envelope))).toBe(failed, {
          a,
          b,
          c,
        });
        const until = '         ^--------!';
        const switching: RouteOptions = { strategy: 'switch' };
        const first = ofPrefix('a', 'b');
        expectObservable(seenBy(router, first, badly, switching)).toBe('-ab-----', { a, b });
        const last = ofPrefix('c');
        expectObservable(seenBy(router, last, badly), until).toBe('---c----', { c });
        router.connect(source);
      });
    });

    test('runs nothing more when a teardown removes the route', () => {
      const { router } = collecting();
      const seen: Envelope[] = [];
      const route = router.on(
        any,
        (event) => {
          seen.push(event);
          return NEVER.pipe(
            finalize(() => {
              route.unsubscribe();
            }),
          );
        },
        { strategy: 'switch' },
      );
      router.dispatch(a);
      router.dispatch(b);
      expect(seen).toEqual([a]);
      expect(route.stats).toMatchObject({ handled: 1, running: 0 });
    });

    test('from inside the handler gives up what the handler returns', async () => {
      const { router, errors } = collecting();
      const subscribed = jest.fn(() => NEVER);
      const returned = [
        () => defer(subscribed),
        async function* () {
          yield subscribed();
        },
        () => Promise.reject('still told'),
      ];
      const routes = returned.map((result) => {
        const route = router.on(any, () => {
          route.unsubscribe();
          return result();
        });
        return route;
      });
      router.dispatch(a);
      await later();
      expect(subscribed).not.toHaveBeenCalled();
      expect(errors.map(({ cause }) => cause)).toEqual(['still told']);
      for (const route of routes) expect(route.stats.running).toBe(0);
    });

    test('while a result is being subscribed to, unsubscribes from it', () => {
      const { router } = collecting();
      const ended = jest.fn();
      const route = router.on(any, () => {
        return new Observable(() => {
          route.unsubscribe();
          return ended;
        });
      });
      router.dispatch(a);
      expect(ended).toHaveBeenCalledTimes(1);
      expect(route.stats.running).toBe(0);
    });
  });

  test.each([
    ['cannot be subscribed to', { lift: () => null, subscribe: () => fail('no') }],
    [
      'is no Observable after all',
      Object.assign(Object.create(null), { lift() {}, subscribe() {} }),
    ],
    ['is iterable in name only', { [Symbol.asyncIterator]: null }],
    ['throws when it is asked to wait', { then: () => fail('no') }],
  ])('is not stuck on a result that %s', async (_, result: unknown) => {
    const { router, errors } = collecting();
    const route = router.on(any, () => result);
    router.dispatch(a);
    await router.idle();
    expect(errors).toHaveLength(1);
    expect(route.stats).toMatchObject({ failed: 1, running: 0 });
  });

  test('dispatches what a handler emits in a later run after that run', () => {
    const { router } = collecting();
    const { runs, handler } = byHand();
    const log: string[] = [];
    router.on(forThread('t'), ({ type }) => {
      log.push(`${type} begins`);
      if (type === 'b') router.dispatch(c);
      log.push(`${type} ends`);
      return handler();
    });
    router.on(any, ({ type }) => log.push(`other ${type}`));
    router.dispatch({ ...a, threadId: 't' });
    router.dispatch({ ...b, threadId: 't' });
    log.length = 0;
    runs[0]?.complete();
    expect(log).toEqual(['b begins', 'b ends', 'other c']);
  });
});

function fail(why: string): never {
  throw new Error(why);
}

/** An Observable of another copy of RxJS. */
const foreign = (source: Observable<unknown>) => ({
  '@@observable'() {
    return this;
  },
  lift: () => null,
  subscribe: (observer: { complete(): void; error(error: unknown): void }) =>
    source.subscribe(observer),
});
