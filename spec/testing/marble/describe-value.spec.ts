import { describe, expect, test } from '@jest/globals';
import { alphabet, envelope, notification } from 'codex-rx/testing';
import { brief, describeValue, isEvent } from '../../../lib/testing/marble/describe-value.js';

describe('brief', () => {
  test.each<[unknown, string]>([
    [
      alphabet.r,
      'app_server.request.item.command_execution.request_approval of thread-1, turn-1, request 0',
    ],
    [alphabet.n, 'app_server.thread.started of thread-1'],
    [envelope('approval', {}, { requestId: '7' }), 'approval of request 7'],
    [envelope('a'), 'a'],
    ['text', '"text"'],
    [{ a: 1, event: envelope('b') }, '{ a: 1, event: b }'],
    [{}, '{}'],
    [[1, 2], '[1, 2]'],
    [new Error('boom'), 'Error(boom)'],
    [undefined, 'undefined'],
  ])('says what %p is', (value, text) => {
    expect(brief(value)).toBe(text);
  });

  test('is brief', () => {
    expect(brief('x'.repeat(200))).toBe(`"${'x'.repeat(98)}…`);
  });
});

describe('describeValue', () => {
  test('says of an event what it holds, without its ids and without null', () => {
    expect(describeValue(notification('thread/name/updated', { threadName: 'Hi' }))).toBe(
      'app_server.thread.name.updated of thread-1 { threadName: "Hi" }',
    );
    expect(describeValue(envelope('approval', { a: null, b: { c: null, d: 1 } }))).toBe(
      'approval { b: { d: 1 } }',
    );
    expect(describeValue(envelope('count', 5))).toBe('count 5');
    expect(describeValue(envelope('a'))).toBe('a');
    expect(describeValue({ a: 1 })).toBe('{ a: 1 }');
  });

  test('ends for what contains itself', () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expect(describeValue(ring)).toBe('[[circular]]');
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    expect(describeValue(loop)).toBe('{ loop: [circular] }');
  });
});

describe('isEvent', () => {
  test('tells events from everything else', () => {
    expect(isEvent(alphabet.t)).toBe(true);
    for (const value of [null, 'a', [], {}, { type: 'a' }]) expect(isEvent(value)).toBe(false);
  });
});
