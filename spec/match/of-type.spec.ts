import { describe, expect, test } from '@jest/globals';
import { ofType } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { testMatcherLaws } from './properties.js';

const a = envelope('approval');
const b = envelope('approval_resolved');
const c = envelope('app_server.item.started');
const d = envelope('__proto__');

describe('ofType', () => {
  test('passes events of exactly that type', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-a-|', { a, b, c, d });
      const subs = '      ^----------!';
      const expected = '  -a-------a-|';
      expectObservable(source.pipe(ofType('approval'))).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes events of any of several types, in their order', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-a-|', { a, b, c, d });
      const subs = '      ^----------!';
      const expected = '  -a-b-----a-|';
      const result = source.pipe(ofType('approval_resolved', 'approval'));
      expectObservable(result).toBe(expected, { a, b });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('takes a type such as __proto__ for a name like any other', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('-a-b-c-d-a-|', { a, b, c, d });
      const expected = '  -------d---|';
      expectObservable(source.pipe(ofType('__proto__'))).toBe(expected, { d });
      expectObservable(source.pipe(ofType('__proto__', 'toString'))).toBe(expected, { d });
    });
  });

  test('passes an error of its source on', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-#      ', { a, b });
      const subs = '      ^----!      ';
      const expected = '  -a---#      ';
      expectObservable(source.pipe(ofType('approval'))).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('leaves its source when its subscriber leaves', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-a-a-|', { a, b });
      const unsub = '     ------!   ';
      const subs = '      ^-----!   ';
      const expected = '  -a---a----';
      expectObservable(source.pipe(ofType('approval')), unsub).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('is named as it was written', () => {
    expect(ofType('approval').name).toBe('ofType(approval)');
    expect(ofType('approval', 'error').name).toBe('ofType(approval, error)');
  });

  test('refuses to be made of no type, or of anything but strings', () => {
    const make = ofType as (...types: unknown[]) => unknown;
    const complaint = /^"ofType\(.*\)" must be given event types as strings\.$/;
    for (const types of [[], [undefined], ['approval', undefined], [['approval']], [5], [null]]) {
      expect(() => make(...types)).toThrow(TypeError);
      expect(() => make(...types)).toThrow(complaint);
    }
  });

  describe('of one type', () => testMatcherLaws(ofType('approval')));
  describe('of several types', () => testMatcherLaws(ofType('__proto__', 'error', 'approval')));
});
