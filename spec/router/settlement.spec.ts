import { describe, expect, jest, test } from '@jest/globals';
import {
  createRouter,
  matching,
  ofPrefix,
  ofType,
  type Envelope,
  type EventRouter,
  type HandlerError,
  type RouteOptions,
  type StreamContext,
} from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import {
  bufferCount,
  delay,
  filter,
  map,
  mergeMap,
  NEVER,
  of,
  Subject,
  take,
  tap,
  throwError,
} from 'rxjs';
import { breaches, anyProgram } from './settling-programs.js';
import fc from 'fast-check';

const any = ofPrefix('');
const [a, b, c] = [envelope('a'), envelope('b'), envelope('c')];

const boom = (): never => {
  throw new Error('boom');
};

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A router that is quiet, and what it says of the events that it settles: `a` or `a failed`. */
function settling() {
  const router = createRouter();
  const errors: HandlerError[] = [];
  const log: string[] = [];
  router.errors$.subscribe((error) => errors.push(error));
  const dispatch = (event: Envelope) => {
    router.dispatch(event, contextOf(event));
  };
  const contextOf = ({ type }: Envelope): StreamContext => ({
    threadId: null,
    connection: 1,
    reconnects: 0,
    receivedAt: 0,
    settled: (failed) => log.push(failed ? `${type} failed` : type),
  });
  return { router, errors, log, dispatch, contextOf };
}

describe('settled', () => {
  test('is called at once for an event that no route takes', () => {
    const { router, log, dispatch } = settling();
    router.unhandled$.subscribe(() => log.push('unhandled'));
    router.on(ofType('b'), () => NEVER);
    dispatch(a);
    expect(log).toEqual(['unhandled', 'a']);
  });

  test('is called when the last of several routes is done, with what any of them did', async () => {
    const { router, log, dispatch } = settling();
    const work = new Subject<unknown>();
    router.on(any, () => log.push('sync'));
    router.on(any, boom);
    router.on(any, () => work);
    router.on(any, () => later());
    dispatch(a);
    await later();
    await later();
    expect(log).toEqual(['sync']);
    work.complete();
    expect(log).toEqual(['sync', 'a failed']);
  });

  test.each<[string, string, (router: EventRouter) => void]>([
    ['returns', 'a', (router) => router.on(any, () => 1)],
    ['throws', 'a failed', (router) => router.on(any, boom)],
    ['is behind a matcher that throws', 'a failed', (router) => router.on(matching(boom), () => 1)],
    ['has a key that throws', 'a failed', (router) => router.on(any, () => 1, { key: boom })],
    ['returns an Observable that ends', 'a', (router) => router.on(any, () => of(1))],
    [
      'returns an Observable that errors',
      'a failed',
      (router) => router.on(any, () => throwError(boom)),
    ],
    [
      'is behind an operator',
      'a',
      (router) =>
        router.on(
          map(({ type }) => type),
          () => 1,
        ),
    ],
    ['is behind an operator that throws', 'a failed', (router) => router.on(map(boom), () => 1)],
    [
      'throws behind an operator',
      'a failed',
      (router) =>
        router.on(
          map(({ type }) => type),
          boom,
        ),
    ],
    [
      'is behind what lets nothing through',
      'a',
      (router) =>
        router.on(
          filter(() => false),
          boom,
        ),
    ],
    [
      'removes its own route',
      'a',
      (router) => {
        const route = router.on(any, () => {
          route.unsubscribe();
          return NEVER;
        });
      },
    ],
    [
      'was removed by another handler',
      'a',
      (router) => {
        router.on(any, () => {
          route.unsubscribe();
        });
        const route = router.on(any, boom);
      },
    ],
  ])('is called at the end of a dispatch to a handler that %s', (_, expected, register) => {
    const { router, log, dispatch } = settling();
    register(router);
    dispatch(a);
    expect(log).toEqual([expected]);
  });

  test.each<[string, string, () => unknown]>([
    ['resolves', 'a', later],
    ['rejects', 'a failed', () => later().then(boom)],
    [
      'is iterated',
      'a',
      async function* () {
        await later();
        yield 1;
      },
    ],
  ])('waits for what %s', async (_, expected, work) => {
    const { router, log, dispatch } = settling();
    router.on(any, work);
    dispatch(a);
    await Promise.resolve();
    expect(log).toEqual([]);
    await router.idle();
    expect(log).toEqual([expected]);
  });

  describe('with a handler that is busy', () => {
    const cases: readonly (readonly [string, RouteOptions, readonly string[]])[] = [
      ['concat waits', {}, []],
      ['merge runs', { strategy: 'merge' }, []],
      ['switch gives up the earlier ones', { strategy: 'switch' }, ['a', 'b']],
      ['exhaust skips the later ones', { strategy: 'exhaust' }, ['b', 'c']],
      ['a full queue drops the oldest', { bound: 1 }, ['b failed']],
      ['or the newest', { bound: 1, overflow: 'drop-newest' }, ['c failed']],
      ['keys wait for room', { key: ({ type }: Envelope) => type, concurrency: 1 } as object, []],
    ];

    test.each(cases)('%s', (_, options, before) => {
      const { router, log, dispatch } = settling();
      const runs: Subject<unknown>[] = [];
      const handler = () => {
        const run = new Subject<unknown>();
        runs.push(run);
        return run;
      };
      router.on(any, handler, options);
      for (const event of [a, b, c]) dispatch(event);
      expect(log).toEqual(before);
      for (let next = 0; next < runs.length; next++) runs[next]?.complete();
      const settled = log.map((line) => line.slice(0, 1)).sort();
      expect(settled).toEqual(['a', 'b', 'c']);
    });

    test.each(cases)('%s, and the end of the route settles what is left', (_, options) => {
      const { router, log, dispatch } = settling();
      const route = router.on(any, () => new Promise(() => undefined), options);
      for (const event of [a, b, c]) dispatch(event);
      route.unsubscribe();
      expect(log.map((line) => line.slice(0, 1)).sort()).toEqual(['a', 'b', 'c']);
    });
  });

  describe('behind operators', () => {
    test('waits for the handlers of what comes out as the event goes through', () => {
      const { router, log, dispatch } = settling();
      const runs = [new Subject<unknown>(), new Subject<unknown>()];
      router.on(
        mergeMap(() => runs),
        map((run) => run),
        (run) => run,
        { strategy: 'merge' },
      );
      dispatch(a);
      runs[1]?.complete();
      expect(log).toEqual([]);
      runs[0]?.complete();
      expect(log).toEqual(['a']);
    });

    test('does not wait for what an operator keeps, nor for what it emits on its own time', async () => {
      const { router, log, dispatch } = settling();
      const seen = jest.fn(() => NEVER);
      router.on(delay(1), seen);
      dispatch(a);
      expect(log).toEqual(['a']);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(seen).toHaveBeenCalledTimes(1);
      expect(log).toEqual(['a']);
    });

    test('counts what several events make for the last of them', () => {
      const { router, log, dispatch } = settling();
      const work = new Subject<unknown>();
      router.on(bufferCount(2), () => work);
      dispatch(a);
      dispatch(b);
      expect(log).toEqual(['a']);
      work.complete();
      expect(log).toEqual(['a', 'b']);
    });

    test('settles the last event of a route that completes when its handler has ended', () => {
      const { router, log, dispatch } = settling();
      const work = new Subject<unknown>();
      router.on(take(1), () => work);
      dispatch(a);
      dispatch(b);
      expect(log).toEqual(['b']);
      work.complete();
      expect(log).toEqual(['b', 'a']);
    });

    test('does not blame an event for a pipeline that dies at another time', () => {
      const { router, errors, log, dispatch } = settling();
      const extra = new Subject<string>();
      router.on(
        mergeMap(() => extra),
        tap(boom),
        () => 1,
      );
      dispatch(a);
      extra.next('later');
      expect(errors).toHaveLength(1);
      expect(log).toEqual(['a']);
    });
  });

  test('is called after the handlers, before the next event', () => {
    const { router, log, dispatch } = settling();
    router.on(any, ({ type }) => {
      log.push(`${type} seen`);
      if (type === 'a') dispatch(b);
    });
    router.on(any, ({ type }) => log.push(`${type} seen too`));
    dispatch(a);
    expect(log).toEqual(['a seen', 'a seen too', 'a', 'b seen', 'b seen too', 'b']);
  });

  test('is called by dispatchSync, too', () => {
    const { router, log, contextOf } = settling();
    router.on(ofType('a'), () => 1);
    router.on(ofType('b'), () => later());
    router.dispatchSync(a, contextOf(a));
    router.dispatchSync(b, contextOf(b));
    expect(log).toEqual(['a', 'b failed']);
  });

  test('is not called for what dispatch refuses', () => {
    const { router, log, contextOf } = settling();
    router.on(any, () => {
      router.dispatch(null as never, contextOf(a));
    });
    router.dispatch(a);
    expect(log).toEqual([]);
  });

  test('may dispatch: what it dispatches comes after it', () => {
    const { router, log, dispatch } = settling();
    router.on(any, ({ type }) => log.push(`${type} seen`));
    const context = { threadId: null, connection: 1, reconnects: 0, receivedAt: 0 };
    const settled = () => {
      dispatch(b);
      log.push('a');
    };
    router.dispatch(a, { ...context, settled });
    expect(log).toEqual(['a seen', 'a', 'b seen', 'b']);
  });

  test('is reported if it throws, and harms nothing', () => {
    const { router, errors } = settling();
    const seen = jest.fn();
    router.on(any, seen);
    const context = { threadId: null, connection: 1, reconnects: 0, receivedAt: 0, settled: boom };
    router.dispatch(a, context);
    router.dispatch(b, context);
    expect(seen).toHaveBeenCalledTimes(2);
    expect(errors.map(({ message }) => message)).toEqual([
      'Route "settled" failed in its source on a: boom',
      'Route "settled" failed in its source on b: boom',
    ]);
  });

  test('is called once for each event, and never before the last handler is done, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(anyProgram, async (program) => {
        expect(await breaches(program)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
