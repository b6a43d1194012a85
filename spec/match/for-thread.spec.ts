import { describe, expect, test } from '@jest/globals';
import { forThread } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { testMatcherLaws } from './properties.js';

const a = envelope('app_server.item.started', null, { threadId: 't1' });
const b = envelope('app_server.item.started', null, { threadId: 't2' });
const c = envelope('approval', null, { threadId: 't1', turnId: 't2' });
const d = envelope('account_updated', { threadId: 't1' });

describe('forThread', () => {
  test('passes events of that thread, whatever their type', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = '      ^--------!';
      const expected = '  -a---c---|';
      expectObservable(source.pipe(forThread('t1'))).toBe(expected, { a, c });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes events of any of several threads', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = '      ^--------!';
      const expected = '  -a-b-c---|';
      expectObservable(source.pipe(forThread('t2', 't1', 't3'))).toBe(expected, { a, b, c });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes no event without a thread, not even for an id that reads like null', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = ['                 ^--------!', '                 ^--------!'];
      const expected = '  ---------|';
      expectObservable(source.pipe(forThread('null'))).toBe(expected);
      expectObservable(source.pipe(forThread('null', 'undefined'))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('is named by its ids', () => {
    expect(forThread('t1').name).toBe('forThread(t1)');
    expect(forThread('t1', 't2').name).toBe('forThread(t1, t2)');
  });

  test('says that it takes ids, if it is given something else', () => {
    const make = forThread as (...ids: unknown[]) => unknown;
    expect(() => make()).toThrow('"forThread" must be given ids: strings or whole numbers.');
    expect(() => make(undefined)).toThrow(
      '"forThread" must be given ids: strings or whole numbers.',
    );
  });

  describe('of one thread', () => testMatcherLaws(forThread('t1')));
  describe('of several threads', () => testMatcherLaws(forThread('t1', '0', 'none')));
});
