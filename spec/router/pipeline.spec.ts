import { describe, expect, jest, test } from '@jest/globals';
import {
  createRouter,
  forThread,
  ofPrefix,
  ofType,
  type Envelope,
  type HandlerError,
} from 'codex-rx';
import { envelope, marbles, seenBy } from 'codex-rx/testing';
import {
  bufferCount,
  debounceTime,
  defer,
  delay,
  distinctUntilChanged,
  EMPTY,
  finalize,
  map,
  merge,
  mergeMap,
  NEVER,
  Observable,
  of,
  scan,
  Subject,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';

const any = ofPrefix('');
const [a, b, c, d] = [envelope('a'), envelope('b'), envelope('c'), envelope('d')];

const boom = (): never => {
  throw new Error('boom');
};

function collecting() {
  const router = createRouter();
  const errors: HandlerError[] = [];
  router.errors$.subscribe((error) => errors.push(error));
  return { router, errors };
}

describe('Pipeline', () => {
  test('hands a handler what its operators make of events', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const router = createRouter();
      const source = hot('  -a-b-b-c-', { a, b, c });
      const subs = '        ^--------';
      const types = '       -a-b---c-';
      const pairs = '       ---p---q-';
      const [p, q] = [
        [a, b],
        [b, c],
      ];
      expectObservable(
        seenBy(
          router,
          any,
          map((event) => event.type),
          distinctUntilChanged(),
          () => undefined,
        ),
      ).toBe(types);
      expectObservable(seenBy(router, any, bufferCount(2), () => undefined)).toBe(pairs, { p, q });
      router.connect(source);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test.each([[null], [undefined], [0], ['text'], [{ type: 'a' }], [{ threadId: 't' }]])(
    'hands on what is no event: %p',
    (value) => {
      const { router, errors } = collecting();
      const seen: unknown[] = [];
      router.on(
        any,
        map(() => value),
        (handed) => seen.push(handed) && boom(),
      );
      router.dispatch(a);
      expect(seen).toEqual([value]);
      expect(errors).toMatchObject([{ kind: 'handler', envelope: a }]);
    },
  );

  test('takes its own time where operators do, in the virtual time of tests too', () => {
    marbles(({ hot, expectObservable }) => {
      const router = createRouter();
      const source = hot('  -ab---c---', { a, b, c });
      const delayed = '     ---ab---c-';
      const settled = '     ----b---c-';
      expectObservable(seenBy(router, any, delay(2), () => undefined)).toBe(delayed, { a, b, c });
      expectObservable(seenBy(router, any, debounceTime(2), () => undefined)).toBe(settled, {
        b,
        c,
      });
      router.connect(source);
    });
  });

  test('dispatches what a handler emits on its own time after the value has been handled', () => {
    marbles(({ hot, expectObservable }) => {
      const router = createRouter();
      const source = hot(' -a-----', { a });
      const log: string[] = [];
      router.on(ofType('a'), delay(2), () => {
        log.push('begins');
        router.dispatch(b);
        log.push('ends');
      });
      router.on(ofType('b'), () => log.push('b'));
      router.connect(source);
      const told = timer(4).pipe(map(() => log.join(' ')));
      expectObservable(told).toBe('----(l|)', { l: 'begins ends b' });
    });
  });

  test('tells which event failed, at a later time too if it is still that event', () => {
    marbles(({ hot, expectObservable }) => {
      const router = createRouter();
      const source = hot(' -a----', { a });
      const errors = '     ---(ef)';
      const event = router.errors$.pipe(map(({ route, envelope }) => [route, envelope]));
      expectObservable(event).toBe(errors, { e: ['same', a], f: ['other', null] });
      router.on(any, delay(2), boom, { name: 'same' });
      router.on(
        any,
        delay(2),
        map(() => 'x'),
        boom,
        { name: 'other' },
      );
      router.connect(source);
    });
  });

  test('passes the context of the event that went in last', () => {
    const router = createRouter();
    const context = { threadId: 't', connection: 2, reconnects: 1, receivedAt: 7 };
    const handler = jest.fn();
    router.on(
      map(({ type }) => type),
      handler,
    );
    router.dispatch(a, context);
    expect(handler).toHaveBeenCalledWith('a', context);
  });

  describe('that dies', () => {
    test('is reported, and starts anew with the next event: its state is lost', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot(' -a-b-c-d-', { a, b, c, d });
        const counted = '    -1---1-2-';
        const errors = '     ---e-----';
        const count = scan((sum: number, event) => (event === b ? boom() : sum + 1), 0);
        expectObservable(
          seenBy(
            router,
            any,
            count,
            map((n) => String(n)),
            () => undefined,
          ),
        ).toBe(counted);
        expectObservable(router.errors$.pipe(map(({ message }) => message))).toBe(errors, {
          e: 'Route "ofPrefix(), operator, operator" failed in its pipeline on b: boom',
        });
        router.connect(source);
      });
    });

    test('on its own time is reported without an event', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot(' -a----a-', { a });
        const errors = '     ---e----e';
        expectObservable(router.errors$.pipe(map(({ kind, envelope }) => [kind, envelope]))).toBe(
          errors,
          { e: ['pipeline', null] },
        );
        router.on(any, delay(2), map(boom), () => undefined);
        router.connect(source);
      });
    });

    test.each<[string, (source: Observable<Envelope>) => Observable<unknown>]>([
      ['that throws', boom],
      ['that returns nothing', () => undefined as never],
      ['whose Observable fails when it is subscribed to', () => defer(boom)],
      ['that subscribes on its own, and throws there', (source) => (source.subscribe(boom), NEVER)],
      [
        'that subscribes to a pipe on its own, and throws there',
        (source) => (source.pipe(map(boom)).subscribe(), NEVER),
      ],
    ])('because of an operator %s is reported for every event', (_, operator) => {
      const { router, errors } = collecting();
      const seen: Envelope[] = [];
      const route = router.on(operator, () => undefined, { name: 'dead' });
      router.on(any, (event) => seen.push(event));
      router.dispatch(a);
      router.dispatch(b);
      expect(seen).toEqual([a, b]);
      expect(errors.map(({ route, kind, envelope }) => [route, kind, envelope])).toEqual([
        ['dead', 'pipeline', a],
        ['dead', 'pipeline', b],
      ]);
      expect(route).toMatchObject({ closed: false, stats: { failed: 2, handled: 0 } });
    });

    test('of an earlier life does not end the one that followed', () => {
      marbles(({ hot, expectObservable }) => {
        const router = createRouter();
        const source = hot(' -ab-c---', { a, b, c });
        const seen = '       --1-2---';
        const errors = '     -a-d----';
        // It subscribes on its own, so that this outlives its death, and fails there once more.
        const operator = (source: Observable<Envelope>) => {
          source.pipe(delay(2)).subscribe((event) => event === a && boom());
          return source.pipe(map((event) => (event === a ? boom() : event)));
        };
        const count = scan((sum: number) => sum + 1, 0);
        expectObservable(
          seenBy(
            router,
            any,
            operator,
            count,
            map((n) => String(n)),
            () => undefined,
          ),
        ).toBe(seen);
        expectObservable(router.errors$.pipe(map(({ envelope }) => envelope))).toBe(errors, {
          a,
          d: null,
        });
        router.connect(source);
      });
    });

    test('leaves what runs in its route running', () => {
      const { router } = collecting();
      const work = new Subject<unknown>();
      const dying = map((event: Envelope) => (event === b ? boom() : event));
      const route = router.on(any, dying, () => work);
      router.dispatch(a);
      router.dispatch(b);
      expect(work.observed).toBe(true);
      expect(route.stats).toMatchObject({ running: 1, failed: 1 });
    });
  });

  describe('that completes', () => {
    test('ends its route', () => {
      const { router, errors } = collecting();
      const seen: Envelope[] = [];
      const route = router.on(ofType('a', 'b'), take(1), (event) => seen.push(event));
      for (const event of [c, a, b]) router.dispatch(event);
      expect(seen).toEqual([a]);
      expect(route.closed).toBe(true);
      expect(router.routes).toEqual([]);
      expect(errors).toEqual([]);
    });

    test('lets its last runs end, and what waits run: take(n) means n', () => {
      // A removal gives those up; take(1) with a handler that returns an Observable did nothing.
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const router = createRouter();
        const source = hot(' -abcd-----', { a, b, c, d });
        const work = cold('   ---|      ');
        const subs = ['      -^--!      ', '----^--!'];
        const seen = '       -a--b-----';
        const routes = '     -1------(0|)';
        expectObservable(seenBy(router, any, take(2), () => work)).toBe(seen, { a, b });
        const count = merge(timer(1), timer(8)).pipe(map(() => String(router.routes.length)));
        expectObservable(count).toBe(routes);
        router.connect(source);
        expectSubscriptions(work.subscriptions).toBe(subs);
      });
    });

    test('ends its route after the last run of switch, which gave up the one before', () => {
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const router = createRouter();
        const source = hot(' -ab------', { a, b });
        const work = cold('   ---|     ');
        const subs = ['      -^!       ', '--^--!'];
        const route = router.on(any, take(2), () => work, { strategy: 'switch' });
        const closed$ = timer(4, 2).pipe(
          take(2),
          map(() => String(route.closed)),
        );
        expectObservable(closed$).toBe('----f-(t|)', { f: 'false', t: 'true' });
        router.connect(source);
        expectSubscriptions(work.subscriptions).toBe(subs);
      });
    });

    test('keeps the router busy until its last run has ended', async () => {
      const router = createRouter();
      const ended: unknown[] = [];
      const route = router.on(any, take(1), async (event) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        ended.push(event);
      });
      router.dispatch(a);
      expect(route.closed).toBe(false);
      await router.idle();
      expect(ended).toEqual([a]);
      expect(route.closed).toBe(true);
    });

    test('sees nothing more while its last run goes on', () => {
      const { router } = collecting();
      const unhandled: Envelope[] = [];
      router.unhandled$.subscribe((event) => unhandled.push(event));
      const route = router.on(any, take(1), () => NEVER);
      router.dispatch(a);
      router.dispatch(b);
      expect(unhandled).toEqual([b]);
      expect(route.stats).toMatchObject({ handled: 1, waiting: 0 });
    });

    test('can still be removed, which gives up the last run', () => {
      const { router } = collecting();
      const work = new Subject<unknown>();
      const route = router.on(any, take(1), () => work);
      router.dispatch(a);
      route.unsubscribe();
      expect(work.observed).toBe(false);
      expect(route.closed).toBe(true);
    });

    test('on its own, or before its first event, ends its route too', () => {
      const { router, errors } = collecting();
      const stop = new Subject<unknown>();
      const handler = jest.fn();
      const stopped = router.on(any, takeUntil(stop), handler);
      const empty = router.on(() => EMPTY, handler);
      const single = router.on(() => of(1, 2), handler);
      router.dispatch(a);
      stop.next(1);
      router.dispatch(b);
      expect([stopped, empty, single].map(({ closed }) => closed)).toEqual([true, true, true]);
      expect(handler.mock.calls.map(([value]) => value)).toEqual([a, 1, 2]);
      expect(errors).toEqual([]);
    });
  });

  describe('that is removed', () => {
    test('is unsubscribed from', () => {
      const { router } = collecting();
      const ended = jest.fn();
      const route = router.on(any, finalize(ended), () => undefined);
      router.dispatch(a);
      expect(ended).not.toHaveBeenCalled();
      route.unsubscribe();
      expect(ended).toHaveBeenCalledTimes(1);
    });

    test('by its own handler hands on nothing more', () => {
      const { router } = collecting();
      const seen: unknown[] = [];
      const route = router.on(
        any,
        mergeMap(() => [1, 2, 3]),
        (value) => {
          seen.push(value);
          if (value === 2) route.unsubscribe();
        },
      );
      router.dispatch(a);
      expect(seen).toEqual([1, 2]);
    });

    test('while it begins is unsubscribed from', () => {
      const { router } = collecting();
      const ended = jest.fn();
      const route = router.on(
        () => merge(of(1), NEVER).pipe(finalize(ended)),
        () => {
          route.unsubscribe();
        },
      );
      router.dispatch(a);
      expect(ended).toHaveBeenCalledTimes(1);
    });

    test('reports a teardown that throws', () => {
      const { router, errors } = collecting();
      const route = router.on(any, tap({ unsubscribe: boom }), () => undefined, { name: 'x' });
      const begins = router.on(
        () => new Observable((subscriber) => (subscriber.next(1), boom)),
        () => {
          begins.unsubscribe();
        },
        { name: 'y' },
      );
      router.dispatch(a);
      route.unsubscribe();
      expect(errors.map(({ route, kind }) => [route, kind])).toEqual([
        ['y', 'pipeline'],
        ['x', 'pipeline'],
      ]);
      expect(router.routes).toEqual([]);
    });
  });

  test('goes behind the matchers before it, and before those behind it', () => {
    const { router } = collecting();
    const inside: Envelope[] = [];
    const seen: Envelope[] = [];
    const peek = tap<Envelope>((event) => inside.push(event));
    const [t1, t2] = [a, b].map((event, at) => ({ ...event, threadId: `t${at + 1}` }));
    router.on(ofType('a', 'b'), peek, forThread('t2'), (event) => seen.push(event));
    for (const event of [t1!, t2!, c]) router.dispatch(event);
    expect(inside).toEqual([t1, t2]);
    expect(seen).toEqual([t2]);
  });
});
