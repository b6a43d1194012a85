import { describe, expect, test } from '@jest/globals';
import { ofAppServerRequest, requestType } from 'codex-rx';
import { envelope, marbles, request } from 'codex-rx/testing';
import fc from 'fast-check';
import { testMatcherLaws } from './properties.js';

const a = request('item/tool/call');
const b = envelope('app_server.request.item.file_change.request_approval');
const c = envelope('app_server.item.tool.call');
const d = envelope('tool_call_requested', { requestId: '0' });
const e = envelope('app_server.request.new.thing');

describe('ofAppServerRequest', () => {
  test('passes a server request by its wire method', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  -a---------|';
      expectObservable(source.pipe(ofAppServerRequest('item/tool/call'))).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes the same server request by its normalised name', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  -a---------|';
      expectObservable(source.pipe(ofAppServerRequest('item.tool.call'))).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes any of several methods, known or not', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  ---b-----e-|';
      const result = source.pipe(
        ofAppServerRequest('item/fileChange/requestApproval', 'new/thing' as 'item/tool/call'),
      );
      expectObservable(result).toBe(expected, { b, e });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes every server request, and nothing else, if no method is given', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  -a-b-----e-|';
      expectObservable(source.pipe(ofAppServerRequest())).toBe(expected, { a, b, e });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('understands every wire method as the server does', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(0xffff)), (before, units) => {
        const method = `${before}/${String.fromCharCode(...units)}`;
        expect(ofAppServerRequest(method as 'item/tool/call').key.types).toEqual([
          requestType(method),
        ]);
      }),
    );
  });

  test('is named as it was written', () => {
    expect(ofAppServerRequest().name).toBe('ofAppServerRequest()');
    expect(ofAppServerRequest('item/tool/requestUserInput').name).toBe(
      'ofAppServerRequest(item/tool/requestUserInput)',
    );
  });

  test('refuses an event type in place of a method, and anything but strings', () => {
    const make = ofAppServerRequest as (...methods: unknown[]) => unknown;
    expect(() => make('app_server.request.item.tool.call')).toThrow(
      new TypeError(
        '"ofAppServerRequest" must be given methods: for the event type, use ofType(\'app_server.request.item.tool.call\').',
      ),
    );
    for (const methods of [[undefined], [''], [['item/tool/call']], [0]]) {
      expect(() => make(...methods)).toThrow(/^"ofAppServerRequest" must be given methods/);
    }
  });

  describe('of any method', () => testMatcherLaws(ofAppServerRequest()));
  describe('of one method', () => testMatcherLaws(ofAppServerRequest('item/tool/call')));
});
