import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  createRouter,
  forThread,
  HandlerError,
  matching,
  ofPrefix,
  ofType,
  type Envelope,
  type Handler,
  type RouteOptions,
  type Route,
  type StreamContext,
} from 'codex-rx';
import { envelope, marbles, seenBy } from 'codex-rx/testing';
import { build } from 'esbuild';
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  catchError,
  defer,
  delay,
  map,
  mergeMap,
  NEVER,
  observeOn,
  queueScheduler,
  share,
  Subject,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { anyEvent, anyPlan, carriedOut, expectedOf } from './naive-router.js';

const [a, b, c, d] = [envelope('a'), envelope('b'), envelope('c'), envelope('d')];
const any = ofPrefix('');

const boom = (): never => {
  throw new Error('boom');
};

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const complaints: unknown[][] = [];

beforeEach(() => {
  complaints.length = 0;
  jest.spyOn(console, 'error').mockImplementation((...args) => void complaints.push(args));
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** Every way to fail that a handler has. */
const failures: readonly (readonly [string, Handler<unknown>])[] = [
  ['throws', boom],
  ['returns a promise that rejects', () => Promise.reject(new Error('boom'))],
  ['returns an Observable that errors', () => throwError(() => new Error('boom'))],
  [
    'returns an async iterable that throws',
    async function* () {
      yield boom();
    },
  ],
];

describe('createRouter', () => {
  describe('guarantee 1, order', () => {
    test('shows every handler the events in wire order', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const router = createRouter();
        const source = hot('  -a-b-(aab)-b-|', { a, b });
        const subs = '        ^------------!';
        const expected = '    -a-b-(aab)-b--';
        const expectedAs = '  -a---(aa)------';
        expectObservable(seenBy(router, any)).toBe(expected, { a, b });
        expectObservable(seenBy(router, ofType('a'))).toBe(expectedAs, { a });
        router.connect(source);
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    test('runs the handlers of one event in the order of registration, however they match', () => {
      const router = createRouter();
      const log: string[] = [];
      const event = envelope('a', null, { threadId: 't', turnId: 'u', requestId: 0 });
      router.on(
        matching(() => true),
        () => log.push('guard'),
      );
      router.on(forThread('t'), () => log.push('thread'));
      router.on(
        map(({ type }) => type),
        () => log.push('operator'),
      );
      router.on(ofType('a'), () => log.push('type'));
      router.on(any, () => log.push('prefix'));
      router.on(ofType('a'), forThread('t'), () => log.push('both'));
      router.dispatch(event);
      expect(log).toEqual(['guard', 'thread', 'operator', 'type', 'prefix', 'both']);
    });

    test('dispatches what a handler emits after the event has reached every handler', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot('  -a-----c-', { a, c });
        const first = '       -(ab)--c-';
        const second = '      -(ab)--c-';
        const emit = (event: unknown) => {
          if (event === a) router.dispatch(b);
        };
        expectObservable(seenBy(router, any, emit)).toBe(first, { a, b, c });
        expectObservable(seenBy(router, any)).toBe(second, { a, b, c });
        router.connect(source);
      });
    });

    test('dispatches what a listener of errors$ emits after every listener has seen the error', async () => {
      // A rejection comes between two events, when nothing else keeps the order.
      const router = createRouter();
      const log: unknown[] = [];
      router.on(ofType('a'), () => Promise.reject('first'));
      router.on(ofType('b'), () => {
        throw 'second';
      });
      router.errors$.subscribe(({ cause }) => {
        if (cause === 'first') router.dispatch(b);
      });
      router.errors$.subscribe(({ cause }) => log.push(cause));
      router.dispatch(a);
      await later();
      expect(log).toEqual(['first', 'second']);
    });

    test('ends a handler that feeds itself, and tells it', () => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      let runs = 0;
      router.errors$.subscribe((error) => errors.push(error));
      router.on(ofType('a'), () => {
        runs++;
        router.dispatch(a);
      });
      router.dispatch(a);
      expect(runs).toBe(100_001);
      expect(errors.map(({ message }) => message)).toEqual([
        'Route "ofType(a)" failed in its handler on a: ' +
          'a was not taken: a handler seems to feed itself.',
      ]);
      router.dispatch(b);
      expect(router.stats).toEqual({ dispatched: 100_002, unhandled: 1 });
    });

    test('ends a handler that feeds itself through a source that the router is connected to', () => {
      const router = createRouter();
      const source = new Subject<Envelope>();
      const errors: HandlerError[] = [];
      router.errors$.subscribe((error) => errors.push(error));
      router.on(ofType('a'), () => {
        source.next(a);
      });
      router.connect(source);
      source.next(a);
      expect(errors.map(({ route, kind }) => [route, kind])).toEqual([['connect', 'source']]);
      expect(source.observed).toBe(true);
    });

    test('is not poisoned by a handler that dispatches what is no event', () => {
      const router = createRouter();
      const log: string[] = [];
      const errors: HandlerError[] = [];
      router.errors$.subscribe((error) => errors.push(error));
      router.on(any, ({ type }) => log.push(type));
      router.on(ofType('a'), () => {
        router.dispatch({} as Envelope);
      });
      router.on(ofType('a'), () => {
        router.dispatch(undefined as never);
      });
      router.dispatch(a);
      router.dispatch(b);
      expect(log).toEqual(['a', 'b']);
      expect(errors).toHaveLength(2);
      expect(errors[0]?.cause).toEqual(new TypeError('"event" must be an Envelope.'));
    });
  });

  describe('guarantee 2, fan-out', () => {
    test('runs every matching route', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot(' -a-b-c-d-', { a, b, c, d });
        const everything = ' -a-b-c-d-';
        const aOrC = '       -a---c---';
        const onlyC = '      -----c---';
        expectObservable(seenBy(router, any)).toBe(everything, { a, b, c, d });
        expectObservable(seenBy(router, ofType('a', 'c'))).toBe(aOrC, { a, c });
        expectObservable(seenBy(router, ofType('c'))).toBe(onlyC, { c });
        expectObservable(
          seenBy(
            router,
            matching(({ type }) => type === 'c'),
          ),
        ).toBe(onlyC, { c });
        router.connect(source);
      });
    });

    test('runs a handler as often as it was registered', () => {
      const router = createRouter();
      const handler = jest.fn();
      router.on(ofType('a'), handler);
      router.on(ofType('a'), handler);
      router.dispatch(a);
      expect(handler).toHaveBeenCalledTimes(2);
    });
  });

  describe('guarantee 3, isolation', () => {
    test('keeps a handler that fails from the others, and from its own later events', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot(' -a-b-', { a, b });
        const failing = '    -a-b-';
        const after = '      -a-b-';
        const reports = '    -r-s-';
        const r = new HandlerError('broken', 'handler', a, new Error('boom'));
        const s = new HandlerError('broken', 'handler', b, new Error('boom'));
        expectObservable(router.errors$).toBe(reports, { r, s });
        expectObservable(seenBy(router, any, boom, { name: 'broken' })).toBe(failing, { a, b });
        expectObservable(seenBy(router, any)).toBe(after, { a, b });
        router.connect(source);
      });
    });

    test.each(failures)('reports a handler that %s, with all that is known', async (_, handler) => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      const seen: Envelope[] = [];
      router.errors$.subscribe((error) => errors.push(error));
      router.on(ofType('a'), handler, { name: 'broken' });
      router.on(ofType('a'), (event) => seen.push(event));
      router.dispatch(a);
      router.dispatch(a);
      expect(seen).toEqual([a, a]);
      await router.idle();
      expect(errors.map(({ message }) => message)).toEqual([
        'Route "broken" failed in its handler on a: boom',
        'Route "broken" failed in its handler on a: boom',
      ]);
      expect(errors[0]).toMatchObject({ route: 'broken', kind: 'handler', envelope: a });
      expect(errors[0]?.envelope).toBe(a);
      expect((errors[0]?.cause as Error).message).toBe('boom');
      expect(router.routes[0]?.stats).toMatchObject({ handled: 2, failed: 2, running: 0 });
    });

    test('reports a matcher that throws, and the route lives on', () => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      const seen: Envelope[] = [];
      router.errors$.subscribe((error) => errors.push(error));
      router.on(
        matching((event) => event !== a || boom()),
        (event) => seen.push(event),
        {
          name: 'broken',
        },
      );
      router.dispatch(a);
      router.dispatch(b);
      expect(seen).toEqual([b]);
      expect(errors.map(({ message }) => message)).toEqual([
        'Route "broken" failed in its matcher on a: boom',
      ]);
    });

    test('is not harmed by a listener of errors$ that throws, in a pipe of it or at its end', () => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      router.errors$.subscribe(boom);
      router.errors$.subscribe({ next: boom });
      router.errors$.pipe(map(({ cause }) => cause)).subscribe(boom);
      router.errors$.pipe(map(boom)).subscribe();
      router.errors$.subscribe((error) => errors.push(error));
      router.on(ofType('a'), boom);
      router.dispatch(a);
      expect(errors).toHaveLength(1);
      const message = 'codex-rx: A subscriber of errors$ threw: boom';
      expect(complaints.map(([text]) => text)).toEqual(Array(4).fill(message));
    });

    test('reports a listener of unhandled$ that throws', () => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      router.errors$.subscribe((error) => errors.push(error));
      router.unhandled$.subscribe(boom);
      router.dispatch(a);
      expect(errors.map(({ message }) => message)).toEqual([
        'Route "unhandled$" failed in its handler: boom',
      ]);
    });

    test('writes errors to the console while nobody listens: never silent', () => {
      const router = createRouter();
      router.on(ofType('a'), boom);
      const listening = router.errors$.subscribe();
      router.dispatch(a);
      expect(complaints).toEqual([]);
      listening.unsubscribe();
      router.dispatch(a);
      const message = 'codex-rx: Route "boom" failed in its handler on a: boom';
      expect(complaints).toEqual([[message, expect.any(HandlerError)]]);
    });

    test('writes them to its log, if it has one, and nowhere if that is false', () => {
      const router = createRouter();
      router.on(ofType('a'), boom);
      const error = jest.fn();
      router.log = { warn: boom, error };
      router.dispatch(a);
      expect(error.mock.calls).toEqual([
        ['codex-rx: Route "boom" failed in its handler on a: boom', expect.any(HandlerError)],
      ]);
      router.log = false;
      router.dispatch(a);
      expect(error).toHaveBeenCalledTimes(1);
      expect(complaints).toEqual([]);
    });

    test.each(failures)('is not harmed by a log that throws: a handler %s', async (_, handler) => {
      jest.spyOn(console, 'error').mockImplementation(boom);
      const router = createRouter();
      const seen: Envelope[] = [];
      router.on(ofType('a'), handler);
      router.on(any, (event) => seen.push(event));
      router.dispatch(a);
      router.dispatch(b);
      await router.idle();
      expect(seen).toEqual([a, b]);
      expect(router.routes.map(({ stats }) => stats.running)).toEqual([0, 0]);
    });

    test('is not harmed by a log that throws of a listener that throws', () => {
      jest.spyOn(console, 'error').mockImplementation(boom);
      const router = createRouter();
      const seen = jest.fn();
      router.errors$.subscribe(boom);
      router.on(any, boom);
      router.on(any, seen);
      router.dispatch(a);
      expect(seen).toHaveBeenCalledTimes(1);
      expect(console.error).toHaveBeenCalledTimes(1);
    });
  });

  describe('guarantee 4, registration', () => {
    test('shows a route that is added during dispatch the next event first', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const late = new Subject<Envelope>();
        const source = hot(' -a-b-', { a, b });
        const expected = '   ---b-';
        expectObservable(late).toBe(expected, { b });
        let added = false;
        router.on(any, () => {
          if (added) return;
          added = true;
          router.on(any, (event) => {
            late.next(event);
          });
        });
        router.connect(source);
      });
    });

    test('shows it what was dispatched before it, and waits', () => {
      const router = createRouter();
      const seen: Envelope[] = [];
      const adding = router.on(ofType('a'), () => {
        router.dispatch(b);
        router.on(any, (event) => seen.push(event));
        adding.unsubscribe();
      });
      router.dispatch(a);
      expect(seen).toEqual([b]);
    });

    test('shows a removed route nothing more, not even the current event', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot('     -a-b-c-d-|', { a, b, c, d });
        const subs = '           ^----!    ';
        const untilRemoved = '   -a-b------';
        const untilSomeoneIs = ' -a--------';
        expectObservable(seenBy(router, any), subs).toBe(untilRemoved, { a, b });
        router.on(ofType('b'), () => {
          removed.unsubscribe();
        });
        const victim = new Subject<Envelope>();
        const removed = router.on(any, (event) => {
          victim.next(event);
        });
        expectObservable(victim).toBe(untilSomeoneIs, { a });
        router.connect(source);
      });
    });

    test('runs nothing of a route that its matcher, or its key, has just removed', () => {
      const router = createRouter();
      const handler = jest.fn();
      const byMatcher = router.on(
        matching(() => {
          byMatcher.unsubscribe();
          return true;
        }),
        handler,
      );
      const byKey = router.on(any, handler, {
        key: () => {
          byKey.unsubscribe();
        },
      });
      router.dispatch(a);
      expect([byMatcher.closed, byKey.closed]).toEqual([true, true]);
      expect(handler).not.toHaveBeenCalled();
    });

    test('lists the routes that stand, in the order of registration', () => {
      const router = createRouter();
      const first = router.on(any, () => undefined);
      const second = router.on(ofType('a'), () => undefined);
      const third = router.on(any, () => undefined);
      expect(router.routes).toEqual([first, second, third]);
      second.unsubscribe();
      second.unsubscribe();
      expect(router.routes).toEqual([first, third]);
      expect([first.closed, second.closed]).toEqual([false, true]);
    });
  });

  describe('guarantees 1 to 4, whatever the routes, and however they fail', () => {
    test('does what a list of routes would, asked one by one', () => {
      fc.assert(
        fc.property(anyPlan, (plan) => {
          expect(carriedOut(plan, createRouter())).toEqual(expectedOf(plan));
        }),
        { numRuns: 400 },
      );
    });
  });

  describe('guarantee 5, never blocked', () => {
    test('waits for no handler: neither dispatch nor another handler does', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot('  -a-b-c-', { a, b, c });
        const stuck = '       -a-----';
        const expected = '    -a-b-c-';
        expectObservable(seenBy(router, any, () => NEVER)).toBe(stuck, { a });
        expectObservable(seenBy(router, any)).toBe(expected, { a, b, c });
        router.connect(source);
      });
    });

    test('shows every event at once to a route beside any number of stuck ones', () => {
      const stuck = [() => NEVER, () => new Promise(() => undefined), () => endless()];
      const anyStuck = fc.record({
        strategy: fc.constantFrom('concat', 'merge', 'switch', 'exhaust'),
        at: fc.nat(2),
        keyed: fc.boolean(),
      });
      fc.assert(
        fc.property(fc.array(anyStuck), fc.array(anyEvent), (routes, events) => {
          const router = createRouter();
          for (const { strategy, at, keyed } of routes) {
            const key = keyed ? { key: ({ type }: Envelope) => type } : {};
            router.on(any, stuck[at]!, { strategy, ...key });
          }
          const seen: Envelope[] = [];
          router.on(any, (event) => seen.push(event));
          for (const event of events) router.dispatch(event);
          expect(seen).toEqual(events);
        }),
        { numRuns: 100 },
      );
    });
  });

  // Guarantee 6, bounded, is that of lane.ts, and is held by its spec.

  test('tells of events that no route wanted', () => {
    marbles(({ hot, expectObservable }) => {
      const router = createRouter();
      const source = hot('   -a-b-c-d-', { a, b, c, d });
      const unhandled = '    ---b---d-';
      expectObservable(router.unhandled$).toBe(unhandled, { b, d });
      router.on(ofType('a'), boom);
      router.on(
        any,
        mergeMap((event) => (event === c ? [c] : [])),
        () => undefined,
      );
      router.connect(source);
    });
    expect(complaints).toHaveLength(1);
  });

  test('passes the context of an event on, and says so of an event that no connection brought', () => {
    const router = createRouter();
    const contexts: StreamContext[] = [];
    router.on(any, (_, context) => contexts.push(context));
    const context = { threadId: 't', connection: 3, reconnects: 2, receivedAt: 42 };
    router.dispatch(a, context);
    router.dispatch(a);
    expect(contexts[0]).toBe(context);
    expect(contexts[1]).toEqual({ threadId: null, connection: 0, reconnects: 0, receivedAt: 0 });
    router.on(ofType('b'), () => {
      router.dispatch(c, context);
    });
    router.dispatch(b);
    expect(contexts.at(-1)).toBe(context);
  });

  test('takes defaults for its routes, and their own options before those', async () => {
    const router = createRouter({ strategy: 'exhaust', bound: 7 });
    const busy = router.on(any, () => later());
    const waiting = router.on(any, () => later(), { strategy: 'concat' });
    for (const event of [a, b, c]) router.dispatch(event);
    expect(busy.stats).toMatchObject({ skipped: 2, waiting: 0 });
    expect(waiting.stats).toMatchObject({ skipped: 0, waiting: 2 });
    await router.idle();
    expect(() => createRouter({ bound: 0 })).toThrow(
      new TypeError('"bound" must be a whole number above 0, not 0.'),
    );
  });

  test('says at the call that a handler is none, and which option is wrong', () => {
    const router = createRouter();
    expect(() => router.on(ofType('a'), 'x' as never)).toThrow(
      new TypeError(
        '"handler" must be a function that takes the event, not ofType(a), after which the handler is missing.',
      ),
    );
    expect(() => router.on(ofType('a'), boom, { strategy: 'last' as never })).toThrow(
      new TypeError('"strategy" must be concat or merge or switch or exhaust, not last.'),
    );
    expect(router.routes).toEqual([]);
  });

  describe('connect', () => {
    test('reports a source that errors, and lives on', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot(' -a-#  ', { a }, 'gone');
        const other = hot('  -----b', { b });
        const seen = '       -a---b';
        const errors = '     ---e--';
        const e = new HandlerError('connect', 'source', null, 'gone');
        expectObservable(seenBy(router, any)).toBe(seen, { a, b });
        expectObservable(router.errors$).toBe(errors, { e });
        router.connect(source);
        router.connect(other);
      });
    });

    test('dispatches until it is unsubscribed', () => {
      const router = createRouter();
      const source = new Subject<Envelope>();
      const connection = router.connect(source);
      source.next(a);
      connection.unsubscribe();
      source.next(b);
      expect(router.stats).toEqual({ dispatched: 1, unhandled: 1 });
      expect(source.observed).toBe(false);
    });

    test('reports what a source emits that is no event', () => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      const source = new Subject<Envelope>();
      router.errors$.subscribe((error) => errors.push(error));
      router.connect(source);
      source.next(undefined as never);
      source.next(a);
      expect(errors.map(({ kind }) => kind)).toEqual(['source']);
      expect(router.stats.unhandled).toBe(1);
    });
  });

  describe('dispatchSync', () => {
    test('runs sync handlers, and returns no failure', () => {
      const router = createRouter();
      const seen: Envelope[] = [];
      router.on(any, (event) => seen.push(event));
      expect(router.dispatchSync(a)).toEqual([]);
      expect(seen).toEqual([a]);
    });

    test.each<[string, readonly unknown[], RouteOptions]>([
      ['several matchers', [ofType('a'), matching(() => true)], {}],
      ['an operator', [any, map(({ type }: Envelope) => type)], {}],
      ['a key', [any], { key: () => 'key' }],
    ])('calls the handler of a route with %s, which cannot wait either', (_, source, options) => {
      const router = createRouter();
      router.errors$.subscribe();
      const results = [undefined, later()];
      const handler = jest.fn(() => results.shift());
      const on = router.on as (...given: unknown[]) => Route;
      const route = on(...source, handler, options);
      expect(router.dispatchSync(a)).toEqual([]);
      expect(router.dispatchSync(a)).toHaveLength(1);
      expect(handler).toHaveBeenCalledTimes(2);
      expect(route.stats).toMatchObject({ handled: 2, failed: 1, running: 0 });
    });

    test.each([
      ['a promise', () => later()],
      ['a promise that rejects', () => Promise.reject(new Error('unseen'))],
      ['an Observable', () => defer(boom)],
      ['an async iterable', () => endless()],
    ])('counts %s as a failure that says to use dispatch', (_, handler) => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      const seen: Envelope[] = [];
      router.errors$.subscribe((error) => errors.push(error));
      const route = router.on(any, handler, { name: 'slow' });
      router.on(any, (event) => seen.push(event));
      const failures = router.dispatchSync(a);
      expect(failures.map(({ message }) => message)).toEqual([
        'Route "slow" failed in its handler on a: ' +
          'dispatchSync cannot wait for the promise of a handler: use dispatch.',
      ]);
      expect(failures).toEqual(errors);
      expect(seen).toEqual([a]);
      expect(route.stats).toMatchObject({ handled: 1, failed: 1, running: 0 });
    });

    test('returns every failure, those of events that handlers dispatched with them', () => {
      const router = createRouter();
      router.errors$.subscribe();
      router.on(ofType('a'), boom, { name: 'first' });
      router.on(ofType('a'), () => {
        router.dispatch(b);
      });
      router.on(ofType('a'), map(boom), () => undefined, { name: 'second' });
      router.on(ofType('b'), boom, { name: 'third' });
      const failures = router.dispatchSync(a);
      expect(failures.map(({ route }) => route)).toEqual(['first', 'second', 'third']);
      router.dispatch(a);
      expect(failures).toHaveLength(3);
    });

    test('fails a handler that is still busy, and does not run it', async () => {
      const router = createRouter();
      const route = router.on(any, () => later(), { name: 'busy' });
      router.errors$.subscribe();
      router.dispatch(a);
      expect(router.dispatchSync(b).map(({ message }) => message)).toEqual([
        'Route "busy" failed in its handler on b: ' +
          'dispatchSync cannot wait for the promise of a handler: use dispatch.',
      ]);
      await router.idle();
      expect(route.stats.handled).toBe(1);
      router.dispatchSync(b);
      expect(route.stats.handled).toBe(2);
    });

    test('goes through pipelines, and a later event through them may wait again', async () => {
      const router = createRouter();
      const route = router.on(
        any,
        map(({ type }) => type),
        () => later(),
      );
      router.errors$.subscribe();
      expect(router.dispatchSync(a)).toHaveLength(1);
      router.dispatch(b);
      expect(route.stats).toMatchObject({ running: 1, failed: 1 });
      await router.idle();
    });

    test('leaves what a pipeline hands on later free to wait', () => {
      marbles(({ cold, expectObservable }) => {
        const router = createRouter();
        const work = cold('-|');
        const route = router.on(any, delay(2), () => work);
        expect(router.dispatchSync(a)).toEqual([]);
        const running = timer(2, 1).pipe(
          take(2),
          map(() => `${route.stats.running}`),
        );
        expectObservable(running).toBe('--1(0|)');
        expectObservable(router.errors$).toBe('-');
      });
    });

    test('says what to do when it is called from inside a handler', () => {
      const router = createRouter();
      const errors: HandlerError[] = [];
      router.errors$.subscribe((error) => errors.push(error));
      router.on(ofType('a'), () => router.dispatchSync(b));
      router.dispatch(a);
      expect(errors.map(({ message }) => message)).toEqual([
        'Route "ofType(a)" failed in its handler on a: ' +
          'Inside a handler, use dispatch and not dispatchSync.',
      ]);
    });
  });

  describe('idle', () => {
    test('resolves at once when nothing runs', async () => {
      await expect(createRouter().idle()).resolves.toBeUndefined();
    });

    test('waits for what runs and for what waits', async () => {
      const router = createRouter();
      const ended: string[] = [];
      router.on(any, async ({ type }) => {
        await later();
        ended.push(type);
      });
      for (const event of [a, b, c]) router.dispatch(event);
      await Promise.all([router.idle(), router.idle()]);
      expect(ended).toEqual(['a', 'b', 'c']);
    });

    test('asked inside a handler, resolves after the dispatch', async () => {
      const router = createRouter();
      const log: string[] = [];
      router.on(ofType('a'), () => {
        void router.idle().then(() => log.push('idle'));
        router.dispatch(b);
      });
      router.on(ofType('b'), () => later().then(() => log.push('b')));
      router.dispatch(a);
      await until(() => log.length === 2);
      expect(log).toEqual(['b', 'idle']);
    });

    test('does not wait for a route that was removed', async () => {
      const router = createRouter();
      const route = router.on(any, () => NEVER);
      router.dispatch(a);
      router.dispatch(b);
      const idle = router.idle();
      route.unsubscribe();
      await idle;
    });

    test('resolves when switch has given up the last run', async () => {
      const router = createRouter();
      router.on(any, (event) => (event === a ? NEVER : undefined), { strategy: 'switch' });
      router.dispatch(a);
      const idle = router.idle();
      router.dispatch(b);
      await idle;
    });
  });

  describe('why it feeds each route itself, and does not leave that to RxJS', () => {
    test('catchError((_, caught) => caught) subscribes again at the end of the line', () => {
      const log: string[] = [];
      const source = new Subject<Envelope>();
      const see = (name: string) =>
        source
          .pipe(
            tap((event) => {
              log.push(`${name} ${event.type}`);
              if (name === 'first' && event === a) boom();
            }),
            catchError((_: unknown, caught) => caught),
          )
          .subscribe();
      see('first');
      see('second');
      source.next(a);
      source.next(b);
      expect(log).toEqual(['first a', 'second a', 'second b', 'first b']);

      const router = createRouter();
      const routed: string[] = [];
      router.on(any, (event) => {
        routed.push(`first ${event.type}`);
        if (event === a) boom();
      });
      router.on(any, ({ type }) => routed.push(`second ${type}`));
      router.dispatch(a);
      router.dispatch(b);
      expect(routed).toEqual(['first a', 'second a', 'first b', 'second b']);
    });

    test('a re-entrant next shows later subscribers the events in inverted order', () => {
      const naive = (through: (source: Subject<Envelope>) => typeof source.asObservable) => {
        const source = new Subject<Envelope>();
        const log: string[] = [];
        const events$ = through(source).call(source);
        events$.subscribe((event) => {
          log.push(`first ${event.type}`);
          if (event === a) source.next(b);
        });
        events$.subscribe(({ type }) => log.push(`second ${type}`));
        source.next(a);
        return log;
      };
      const inverted = ['first a', 'first b', 'second b', 'second a'];
      expect(naive((source) => source.asObservable)).toEqual(inverted);
      // A queue for each subscriber is no help: the second still learns of b first.
      const queued = naive((source) => () => source.pipe(observeOn(queueScheduler)));
      expect(queued.filter((line) => line.startsWith('second'))).toEqual(['second b', 'second a']);

      const router = createRouter();
      const routed: string[] = [];
      router.on(any, (event) => {
        routed.push(`first ${event.type}`);
        if (event === a) router.dispatch(b);
      });
      router.on(any, ({ type }) => routed.push(`second ${type}`));
      router.dispatch(a);
      expect(routed).toEqual(['first a', 'second a', 'first b', 'second b']);
    });

    test('share() has the second subscriber miss what the first gets at once', () => {
      const source = defer(() => [a]).pipe(share());
      const missed: string[] = [];
      source.subscribe(() => missed.push('first'));
      source.subscribe(() => missed.push('second'));
      // Not even the second saw the first's event: it opened the source anew.
      expect(missed).toEqual(['first', 'second']);

      const router = createRouter();
      const seen: string[] = [];
      let opened = 0;
      router.on(any, () => seen.push('first'));
      router.on(any, () => seen.push('second'));
      router.connect(
        defer(() => {
          opened++;
          return [a];
        }),
      );
      expect([seen, opened]).toEqual([['first', 'second'], 1]);
    });

    test('a dead pipeline in its own slot keeps its place in the line', () => {
      const router = createRouter();
      const log: string[] = [];
      router.errors$.subscribe();
      router.on(
        map((event) => (event === a ? boom() : event)),
        () => log.push('first'),
      );
      router.on(any, () => log.push('second'));
      router.dispatch(a);
      router.dispatch(b);
      expect(log).toEqual(['second', 'first', 'second']);
    });
  });

  test('lets nothing escape: no uncaughtException, no unhandledRejection', async () => {
    // Jest has handlers of its own for what escapes, so it takes another process.
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('failing-process.ts', import.meta.url))],
      bundle: true,
      format: 'esm',
      packages: 'external',
      platform: 'node',
      write: false,
    });
    const script = outputFiles[0]!.text;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { escaped, reports } = JSON.parse(stdout) as { escaped: string[]; reports: number };
    expect(escaped).toEqual([]);
    expect(reports).toBeGreaterThan(20);
  });
});

async function* endless() {
  await new Promise(() => undefined);
  yield 0;
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await later();
}
