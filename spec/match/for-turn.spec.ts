import { describe, expect, test } from '@jest/globals';
import { forTurn } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { testMatcherLaws } from './properties.js';

const a = envelope('app_server.item.started', null, { turnId: 'u1' });
const b = envelope('app_server.item.started', null, { turnId: 'u2' });
const c = envelope('approval', null, { turnId: 'u1', threadId: 'u2' });
const d = envelope('account_updated', { turnId: 'u1' });

describe('forTurn', () => {
  test('passes events of that turn, whatever their type', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = '      ^--------!';
      const expected = '  -a---c---|';
      expectObservable(source.pipe(forTurn('u1'))).toBe(expected, { a, c });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes events of any of several turns', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = '      ^--------!';
      const expected = '  -a-b-c---|';
      expectObservable(source.pipe(forTurn('u2', 'u1', 'u3'))).toBe(expected, { a, b, c });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes no event without a turn, not even for an id that reads like null', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = ['                 ^--------!', '                 ^--------!'];
      const expected = '  ---------|';
      expectObservable(source.pipe(forTurn('null'))).toBe(expected);
      expectObservable(source.pipe(forTurn('null', 'undefined'))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('is named by its ids', () => {
    expect(forTurn('u1').name).toBe('forTurn(u1)');
    expect(forTurn('u1', 'u2').name).toBe('forTurn(u1, u2)');
  });

  test('says that it takes ids, if it is given something else', () => {
    const make = forTurn as (...ids: unknown[]) => unknown;
    expect(() => make()).toThrow('"forTurn" must be given ids: strings or whole numbers.');
    expect(() => make(undefined)).toThrow('"forTurn" must be given ids: strings or whole numbers.');
  });

  describe('of one turn', () => testMatcherLaws(forTurn('u1')));
  describe('of several turns', () => testMatcherLaws(forTurn('u1', '0', 'none')));
});
