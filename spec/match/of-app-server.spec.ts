import { describe, expect, test } from '@jest/globals';
import { notificationType, ofAppServer } from 'codex-rx';
import { envelope, marbles, request } from 'codex-rx/testing';
import fc from 'fast-check';
import { matchMethods } from '../../lib/match/of-app-server.js';
import { testMatcherLaws } from './properties.js';

const a = envelope('app_server.item.started');
const b = envelope('app_server.item.agent_message.delta');
const c = request('item/tool/call');
const d = envelope('notification', { method: 'item/started', params: {} });
const e = envelope('app_server.codex.event.task_started');

describe('ofAppServer', () => {
  test('passes a notification by its wire method', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  ---b-------|';
      expectObservable(source.pipe(ofAppServer('item/agentMessage/delta'))).toBe(expected, { b });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes the same notification by its normalised name', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  ---b-------|';
      expectObservable(source.pipe(ofAppServer('item.agent_message.delta'))).toBe(expected, { b });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes any of several methods, in either spelling, known or not', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  -a-------e-|';
      const result = source.pipe(ofAppServer('codex/event/task_started', 'item.started'));
      expectObservable(result).toBe(expected, { a, e });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes every notification, and no server request, if no method is given', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  -a-b-----e-|';
      expectObservable(source.pipe(ofAppServer())).toBe(expected, { a, b, e });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('understands every wire method as the server does', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(0xffff)), (before, units) => {
        const method = `${before}/${String.fromCharCode(...units)}`;
        expect(ofAppServer(method as 'error').key.types).toEqual([notificationType(method)]);
      }),
    );
  });

  test('leaves a name that is normalised already as it is', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(_[a-z][a-z0-9]{0,5}){0,2}$/);
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('.'));
    fc.assert(
      fc.property(name, (normalised) => {
        fc.pre(!normalised.startsWith('app_server.'));
        expect(ofAppServer(normalised as 'error').key.types).toEqual([`app_server.${normalised}`]);
      }),
    );
  });

  test('tells apart a dot that separates segments and one inside a wire method', () => {
    expect(ofAppServer('item.started').key.types).toEqual(['app_server.item.started']);
    expect(ofAppServer('a.b/c' as 'error').key.types).toEqual(['app_server.a_b.c']);
  });

  test('is named as it was written', () => {
    expect(ofAppServer().name).toBe('ofAppServer()');
    expect(ofAppServer('item/agentMessage/delta', 'turn.started').name).toBe(
      'ofAppServer(item/agentMessage/delta, turn.started)',
    );
  });

  test('refuses an event type in place of a method, and says what to use', () => {
    const make = ofAppServer as (...methods: unknown[]) => unknown;
    expect(() => make('item/started', 'app_server.item.started')).toThrow(
      new TypeError(
        '"ofAppServer" must be given methods: for the event type, use ofType(\'app_server.item.started\').',
      ),
    );
    expect(() => make('app_server.request.item.tool.call')).toThrow(TypeError);
  });

  test('refuses anything but strings with something in them', () => {
    const make = ofAppServer as (...methods: unknown[]) => unknown;
    for (const methods of [[undefined], [''], ['item/started', null], [['item/started']], [5]]) {
      expect(() => make(...methods)).toThrow(
        new TypeError('"ofAppServer" must be given methods such as \'item/started\'.'),
      );
    }
  });

  describe('of any method', () => testMatcherLaws(ofAppServer()));
  describe('of one method', () => testMatcherLaws(ofAppServer('item/started')));
  describe('of several methods', () =>
    testMatcherLaws(ofAppServer('item.started', 'turn/started', 'codex/event/new')));
});

describe('matchMethods', () => {
  test('names the operator that was misused', () => {
    expect(() => matchMethods('ofSomething', 'some.', [''])).toThrow(
      /^"ofSomething" must be given methods/,
    );
  });
});
