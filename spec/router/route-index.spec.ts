import { describe, expect, test } from '@jest/globals';
import {
  forRequest,
  forThread,
  forTurn,
  matching,
  ofAppServer,
  ofPrefix,
  ofType,
  type Envelope,
  type Matcher,
} from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRouteIndex, type RouteIndex } from '../../lib/router/route-index.js';
import { compileSource } from '../../lib/router/source.js';
import { isList } from '../../lib/router/type-table.js';
import { anyEvent, anyMatcher } from './naive-router.js';

interface Entry {
  readonly order: number;
  readonly key: Matcher['key'];
  closed: boolean;
  readonly test: ((event: ReturnType<typeof envelope>) => boolean) | null;
  readonly matchers: readonly Matcher[];
}

let order = 0;

/** A route is closed before it is removed. */
const removeFrom = (index: RouteIndex<Entry>) => (route: Entry) => {
  route.closed = true;
  index.remove(route);
};

/** An index that always hands out lists, of open routes alone. */
function indexOf() {
  const index = createRouteIndex<Entry>();
  const lookup = (event: Envelope): readonly Entry[] => {
    const found = index.lookup(event);
    const list = isList(found) ? found : [found];
    return list.some(({ closed }) => closed) ? list.filter(({ closed }) => !closed) : list;
  };
  return { ...index, remove: removeFrom(index), lookup };
}

const entry = (...matchers: readonly Matcher[]): Entry => {
  const { key, test } = compileSource(matchers);
  return { order: ++order, key, closed: false, test, matchers };
};

const passes = (test: () => boolean): boolean => {
  try {
    return test();
  } catch {
    return false;
  }
};

describe('createRouteIndex', () => {
  test('finds what asking every route finds, in the order of registration', () => {
    const step = fc.oneof(
      {
        weight: 2,
        arbitrary: fc.record({ add: fc.array(anyMatcher, { minLength: 1, maxLength: 3 }) }),
      },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat(30) }) },
      { weight: 3, arbitrary: fc.record({ event: anyEvent }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = indexOf();
        const entries: Entry[] = [];
        for (const step of steps) {
          if ('add' in step) {
            const added = entry(...step.add);
            entries.push(added);
            index.add(added);
          } else if ('remove' in step) {
            const [removed] = entries.splice(step.remove, 1);
            if (removed) index.remove(removed);
          } else {
            const { event } = step;
            const found = index
              .lookup(event)
              .filter(({ test }) => passes(() => test === null || test(event)));
            const wanted = entries.filter(({ matchers }) =>
              passes(() => matchers.every(({ test }) => test(event))),
            );
            expect(found).toEqual(wanted);
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  test('finds no route of an id that reads like null for an event without that id', () => {
    const index = indexOf();
    for (const id of ['null', 'undefined']) {
      index.add(entry(forThread(id)));
      index.add(entry(forTurn(id)));
      index.add(entry(forRequest(id)));
    }
    expect(index.lookup(envelope('a'))).toEqual([]);
  });

  test('hands out a lone route as itself, for the speed of it', () => {
    const index = createRouteIndex<Entry>();
    const [only, other] = [entry(ofType('a')), entry(ofType('a'))];
    index.add(only);
    expect(index.lookup(envelope('a'))).toBe(only);
    index.add(other);
    expect(index.lookup(envelope('a'))).toEqual([only, other]);
    removeFrom(index)(only);
    expect(index.lookup(envelope('a'))).toBe(other);
  });

  test('hands out a lone route of an id as itself, too', () => {
    const index = createRouteIndex<Entry>();
    const [ofThread, ofAny] = [entry(forThread('t'), ofType('a')), entry(ofType('b'))];
    index.add(ofThread);
    index.add(ofAny);
    expect(index.lookup(envelope('a', null, { threadId: 't' }))).toBe(ofThread);
    expect(index.lookup(envelope('b', null, { threadId: 't' }))).toBe(ofAny);
  });

  test('hands out a lone route as itself again when the last prefix is gone', () => {
    const index = createRouteIndex<Entry>();
    const [only, prefixed] = [entry(ofType('a')), entry(ofPrefix('a'))];
    index.add(only);
    index.add(prefixed);
    expect(index.lookup(envelope('a'))).toEqual([only, prefixed]);
    removeFrom(index)(prefixed);
    expect(index.lookup(envelope('a'))).toBe(only);
  });

  test('puts a list together once for each type, until a route of that type comes or goes', () => {
    const index = indexOf();
    const [prefixed, exact] = [entry(ofPrefix('')), entry(ofType('b'))];
    index.add(prefixed);
    const [a, b] = [index.lookup(envelope('a')), index.lookup(envelope('b'))];
    expect(index.lookup(envelope('b'))).toBe(b);
    index.add(exact);
    expect(index.lookup(envelope('a'))).toBe(a);
    expect(index.lookup(envelope('b'))).toEqual([prefixed, exact]);
  });

  test.each<[string, (name: string) => Matcher]>([
    ['threads', (name) => forThread(name)],
    ['types', (name) => ofType(name)],
    ['prefixes', (name) => ofPrefix(name)],
  ])('keeps nothing of %s whose routes are gone: they may be without end', (_, match) => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const index = createRouteIndex<Entry>();
    const heapAfter = (routes: number) => {
      for (let route = 0; route < routes; route++) {
        const passing = entry(match(`${routes} ${route}`));
        index.add(passing);
        removeFrom(index)(passing);
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = heapAfter(100);
    expect(heapAfter(20_000) - before).toBeLessThan(1_000_000);
  });

  test('takes nothing out of a list that was handed out: somebody may be walking over it', () => {
    const index = createRouteIndex<Entry>();
    const routes = [1, 2, 3, 4].map(() => entry(ofType('a')));
    for (const route of routes) index.add(route);
    const before = index.lookup(envelope('a'));
    for (const route of routes.slice(0, 3)) removeFrom(index)(route);
    expect(before).toEqual(routes);
    expect(index.lookup(envelope('a'))).toBe(routes[3]);
  });

  test('drops closed routes when they are half of a list, so that it is never twice as long', () => {
    const index = createRouteIndex<Entry>();
    const routes = Array.from({ length: 100 }, () => entry(ofType('a')));
    for (const route of routes) index.add(route);
    for (const [at, route] of routes.entries()) {
      removeFrom(index)(route);
      const found = index.lookup(envelope('a'));
      const left = routes.length - at - 1;
      expect(isList(found) ? found.length : 1).toBeLessThanOrEqual(Math.max(left * 2, 1));
    }
    expect(index.lookup(envelope('a'))).toEqual([]);
  });

  test('removes a route that names an id or a type twice, and no other route with it', () => {
    // Counted twice, it took the whole table of its thread along: the other route fell silent.
    const event = envelope('a', null, { threadId: 't', turnId: 'u', requestId: 0 });
    for (const [twice, once] of [
      [forThread('t', 't'), forThread('t')],
      [forTurn('u', 'u'), forTurn('u')],
      [forRequest(0, '0'), forRequest(0)],
      [ofType('a', 'a'), ofType('a')],
      [ofPrefix('a', 'a'), ofPrefix('a')],
    ] as const) {
      const index = indexOf();
      const [removed, kept] = [entry(twice), entry(once)];
      index.add(removed);
      index.add(kept);
      expect(index.lookup(event)).toEqual([removed, kept]);
      index.remove(removed);
      expect(index.lookup(event)).toEqual([kept]);
    }
  });

  test('needs no test for what its keys say, and a test for everything else', () => {
    const complete = [[ofType('a', 'b')], [ofPrefix('a', 'b')], [forThread('t')]];
    const partial = [
      [matching(() => true)],
      [forThread('t'), ofType('a')],
      [ofAppServer()],
      [ofType('a'), matching(() => true)],
      [ofPrefix('a'), ofPrefix('ab')],
      [ofPrefix('a'), ofType('ab')],
      [forThread('t'), forTurn('u')],
    ];
    for (const matchers of complete) expect(entry(...matchers).test).toBeNull();
    for (const matchers of partial) expect(entry(...matchers).test).not.toBeNull();
  });

  test('forgets types that no route names, which come from the network without end', () => {
    const index = indexOf();
    const prefixed = entry(ofPrefix('a'));
    index.add(prefixed);
    const list = index.lookup(envelope('a0'));
    expect(index.lookup(envelope('a0'))).toBe(list);
    for (let type = 1; type <= 1_001; type++) index.lookup(envelope(`a${type}`));
    expect(index.lookup(envelope('a0'))).not.toBe(list);
    expect(index.lookup(envelope('a0'))).toEqual([prefixed]);
  });
});
