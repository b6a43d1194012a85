import { describe, expect, test } from '@jest/globals';
import { ofPrefix } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { testMatcherLaws } from './properties.js';

const a = envelope('app_server.item.started');
const b = envelope('app_server.request.item.tool.call');
const c = envelope('orchestrator_job_queued');
const d = envelope('app_serverXitem');
const e = envelope('my.app_server.item.started');

describe('ofPrefix', () => {
  test('passes events whose type begins with the prefix', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  -a---------|';
      expectObservable(source.pipe(ofPrefix('app_server.item.'))).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('takes the prefix literally: a dot is a dot, and app_server. covers requests too', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = '      ^--------!';
      const expected = '  -a-b-----|';
      expectObservable(source.pipe(ofPrefix('app_server.'))).toBe(expected, { a, b });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes an event once, however many prefixes it begins with', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const subs = '      ^--------!';
      const expected = '  -a-b-c---|';
      const result = source.pipe(ofPrefix('orchestrator_job_', 'app_server.', 'app_server.item'));
      expectObservable(result).toBe(expected, { a, b, c });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes everything if the prefix is empty', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('-a-b-c-d-|', { a, b, c, d });
      const expected = '  -a-b-c-d-|';
      expectObservable(source.pipe(ofPrefix(''))).toBe(expected, { a, b, c, d });
    });
  });

  test('is named as it was written', () => {
    expect(ofPrefix('app_server.', 'a').name).toBe('ofPrefix(app_server., a)');
  });

  test('refuses to be made of no prefix, or of anything but strings', () => {
    const make = ofPrefix as (...prefixes: unknown[]) => unknown;
    const complaint = /^"ofPrefix\(.*\)" must be given prefixes as strings\.$/;
    for (const prefixes of [[], [undefined], ['a', undefined], [['a']], [5]]) {
      expect(() => make(...prefixes)).toThrow(TypeError);
      expect(() => make(...prefixes)).toThrow(complaint);
    }
  });

  describe('of one prefix', () => testMatcherLaws(ofPrefix('app_server.')));
  describe('of several prefixes', () => testMatcherLaws(ofPrefix('approval', 'app_server.item')));
});
