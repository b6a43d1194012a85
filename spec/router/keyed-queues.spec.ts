import { describe, expect, test } from '@jest/globals';
import { createRouter, ofPrefix, type Envelope, type RouteOptions } from 'codex-rx';
import { envelope, marbles, seenBy } from 'codex-rx/testing';
import { mergeMap, of, Subject } from 'rxjs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const any = ofPrefix('');
const inT1 = (type: string) => envelope(type, null, { threadId: 't1' });
const [a, b, c] = [inT1('a'), inT1('b'), inT1('c')];
const x = envelope('x', null, { threadId: 't2' });
const byThread: RouteOptions = { key: (event) => (event as Envelope).threadId };
describe('KeyedQueues', () => {
  test('apply the strategy for each key on its own', () => {
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

  test('count their bound over all keys', () => {
    const router = createRouter();
    router.errors$.subscribe();
    const route = router.on(any, () => new Subject(), { ...byThread, bound: 2 });
    for (const event of [a, x, a, x, a, x]) router.dispatch(event);
    expect(route.stats).toMatchObject({ running: 2, waiting: 2, dropped: 2 });
  });

  test('report a key that throws, and run nothing for it', () => {
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
    ['what is given up', () => new Subject()],
  ])(
    'forget a key when its handler has ended with %s: there are keys without end',
    async (kind, end) => {
      setFlagsFromString('--expose-gc');
      const collectGarbage = runInNewContext('gc') as () => void;
      const router = createRouter();
      router.errors$.subscribe();
      const keys: WeakRef<object>[] = [];
      const key = () => {
        const made = {};
        keys.push(new WeakRef(made));
        return made;
      };
      const route = router.on(any, end, { key });
      for (const event of [a, b, c]) router.dispatch(event);
      if (kind === 'what is given up') route.unsubscribe();
      await router.idle();
      await new Promise((resolve) => setTimeout(resolve));
      collectGarbage();
      expect(keys.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined]);
    },
  );

  test('keep a key while its handler is being called, whatever comes out of its pipeline meanwhile', () => {
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

  test('know what switch runs after it has given up the run before', () => {
    // Forgotten between the two, a queue would outlive its route.
    const router = createRouter();
    const work = new Subject<unknown>();
    const route = router.on(any, () => work, { ...byThread, strategy: 'switch' });
    for (const event of [a, b]) router.dispatch(event);
    expect(route.stats).toMatchObject({ running: 1, cancelled: 1 });
    route.unsubscribe();
    expect(work.observed).toBe(false);
  });

  test('give up what runs for every key when the route is removed', () => {
    const router = createRouter();
    const work = new Subject<unknown>();
    const route = router.on(any, () => work, byThread);
    for (const event of [a, x, a]) router.dispatch(event);
    route.unsubscribe();
    expect(work.observed).toBe(false);
    expect(route.stats).toMatchObject({ running: 0, waiting: 0 });
  });
});
