import { describe, expect, test } from '@jest/globals';
import { forRequest, parseEnvelope } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { managerFrames } from '../recordings/index.js';
import { testMatcherLaws } from './properties.js';

const a = envelope('app_server.request.item.tool.call', null, { requestId: 0 });
const b = envelope('tool_call_requested', null, { requestId: '0' });
const c = envelope('tool_call_resolved', null, { requestId: '1' });
const d = envelope('app_server.item.started');
const e = envelope('approval', null, { requestId: '00' });

describe('forRequest', () => {
  test('passes what concerns that request, be its id a number or a string, 0 included', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = ['                 ^----------!', '                 ^----------!'];
      const expected = '  -a-b-------|';
      expectObservable(source.pipe(forRequest(0))).toBe(expected, { a, b });
      expectObservable(source.pipe(forRequest('0'))).toBe(expected, { a, b });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes what concerns any of several requests', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-d-e-|', { a, b, c, d, e });
      const subs = '      ^----------!';
      const expected = '  -a-b-c-----|';
      expectObservable(source.pipe(forRequest(1, '0'))).toBe(expected, { a, b, c });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('follows a recorded approval from its request to its resolution', () => {
    const types = managerFrames
      .filter(({ file }) => file === '02-shell-approval.jsonl')
      .map(({ frame }) => parseEnvelope(frame))
      .filter(forRequest('0').test)
      .map(({ type }) => type);
    expect(types).toEqual([
      'app_server.request.item.command_execution.request_approval',
      'approval',
      'approval_resolved',
      'app_server.server_request.resolved',
      'notification',
    ]);
  });

  test('is named by its ids', () => {
    expect(forRequest(0).name).toBe('forRequest(0)');
    expect(forRequest('a', 1).name).toBe('forRequest(a, 1)');
  });

  test('says that it takes ids, if it is given something else', () => {
    const make = forRequest as (...ids: unknown[]) => unknown;
    expect(() => make()).toThrow('"forRequest" must be given ids: strings or whole numbers.');
    expect(() => make(1.5)).toThrow('"forRequest" must be given ids: strings or whole numbers.');
  });

  describe('of one request', () => testMatcherLaws(forRequest(0)));
  describe('of several requests', () => testMatcherLaws(forRequest('0', 1, 'u1')));
});
