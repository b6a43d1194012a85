import { describe, expect, test } from '@jest/globals';
import {
  forRequest,
  forThread,
  forTurn,
  ofAppServer,
  ofAppServerRequest,
  ofPrefix,
  ofType,
  type Matcher,
} from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import fc from 'fast-check';
import { filter, from, map } from 'rxjs';
import { createMatcher, isMatcher } from '../../lib/match/matcher.js';
import { anyEvent } from './properties.js';

const a = envelope('app_server.item.started', null, { threadId: 't1' });
const b = envelope('app_server.item.started', null, { threadId: 't2' });
const c = envelope('approval', null, { threadId: 't1' });

describe('createMatcher', () => {
  test('makes an operator that subscribes anew for each subscriber, and only then', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold(' a-b-|', { a, b });
      const subs = ['                  ^---!  ', '                  --^---!'];
      const first = '       a---|  ';
      const second = '      --a---|';
      const result = source.pipe(createMatcher('odd', {}, ({ threadId }) => threadId === 't1'));
      expectObservable(result).toBe(first, { a });
      expectObservable(result, '--^').toBe(second, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
      const untouched = hot('a-b-|', { a, b });
      void ofType('approval')(untouched);
      expectSubscriptions(untouched.subscriptions).toBe([]);
    });
  });

  test('hands on the very same event', () => {
    marbles(({ cold, expectObservable }) => {
      const same = cold('a|', { a }).pipe(
        ofAppServer(),
        map((event) => event === a),
      );
      expectObservable(same).toBe('a|', { a: true });
    });
  });

  test('gives the operator its name, its test and its key', () => {
    const key = { types: ['x'] };
    const answer = (): boolean => true;
    const matcher = createMatcher('ofX()', key, answer);
    expect(matcher.name).toBe('ofX()');
    expect(matcher.key).toBe(key);
    expect(matcher.test).toBe(answer);
  });
});

describe('several matchers in one pipe', () => {
  test('pass what all of them match, in whatever order they stand', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-|', { a, b, c });
      const subs = ['                 ^------!', '                 ^------!'];
      const expected = '  -a-----|';
      const [thread, method] = [forThread('t1'), ofAppServer('item/started')];
      expectObservable(source.pipe(thread, method)).toBe(expected, { a });
      expectObservable(source.pipe(method, thread)).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });
});

describe('a matcher in a pipe', () => {
  const matchers: readonly Matcher[] = [
    ofType('approval', 'error'),
    ofPrefix('app_server.'),
    ofAppServer(),
    forThread('t1'),
  ];

  test.each(matchers.map((matcher) => [matcher.name, matcher] as const))(
    '%s passes exactly what its test says',
    (_, matcher) => {
      fc.assert(
        fc.property(fc.array(anyEvent), (events) => {
          const passed: unknown[] = [];
          from(events)
            .pipe(matcher)
            .subscribe((event) => passed.push(event));
          expect(passed).toEqual(events.filter(matcher.test));
        }),
      );
    },
  );
});

describe('the key of a matcher', () => {
  const complete = true;
  const keys: readonly (readonly [Matcher, Matcher['key']])[] = [
    [ofType('approval', 'error'), { types: ['approval', 'error'], complete }],
    [ofPrefix('app_server.', 'a'), { prefixes: ['app_server.', 'a'], complete }],
    [ofAppServer('item/started'), { types: ['app_server.item.started'], complete }],
    [ofAppServer(), { prefixes: ['app_server.'] }], // of what is found, some are requests
    [ofAppServerRequest(), { prefixes: ['app_server.request.'], complete }],
    [forThread('t1', 't2'), { threads: ['t1', 't2'], complete }],
    [forTurn('u1'), { turns: ['u1'], complete }],
    [forRequest(0, '1'), { requests: ['0', '1'], complete }],
  ];

  test.each(keys.map(([matcher, key]) => [matcher.name, matcher, key] as const))(
    '%s tells an index where to look, and whether something is left to ask',
    (_, matcher, key) => {
      expect(matcher.key).toEqual(key);
    },
  );
});

describe('isMatcher', () => {
  test('knows every matcher, and anything shaped like one', () => {
    expect(isMatcher(ofType('approval'))).toBe(true);
    expect(isMatcher(Object.assign(() => a, { test: () => true, key: {} }))).toBe(true);
  });

  test('takes no other operator, function or value for one', () => {
    const others = [filter(Boolean), () => a, null, undefined, 'ofType', { test: 1, key: {} }];
    for (const other of others) expect(isMatcher(other)).toBe(false);
    expect(isMatcher(Object.assign(() => a, { test: () => true }))).toBe(false);
  });
});
