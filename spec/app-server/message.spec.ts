import { describe, expect, test } from '@jest/globals';
import { EnvelopeError } from 'codex-rx';
import {
  createIdWriter,
  isRequest,
  isResponse,
  readMessage,
} from '../../lib/app-server/message.js';

const reasonOf = (text: string): unknown => {
  try {
    return readMessage(text);
  } catch (error) {
    return error instanceof EnvelopeError ? error.kind : error;
  }
};

describe('readMessage', () => {
  test.each([
    ['a notification', '{"method":"turn/started","params":{"threadId":"t"},"emittedAtMs":5}'],
    ['one without params', '{"method":"initialized"}'],
    ['a request with the id 0', '{"method":"item/tool/call","id":0,"params":{}}'],
    ['a request with an id in text', '{"method":"item/tool/call","id":"a","params":{}}'],
    ['a result', '{"id":1,"result":{}}'],
    ['a result that is null', '{"id":1,"result":null}'],
    ['a result with a jsonrpc member', '{"jsonrpc":"2.0","id":1,"result":5}'],
    ['a result with an error that is null', '{"id":1,"result":5,"error":null}'],
    ['an error', '{"id":1,"error":{"code":-32600,"message":"no","data":[]}}'],
  ])('reads %s', (_, text) => {
    expect(readMessage(text)).toEqual(JSON.parse(text));
  });

  test('tells them apart', () => {
    const request = readMessage('{"method":"a","id":0}');
    const notification = readMessage('{"method":"a"}');
    const response = readMessage('{"id":0,"result":0}');
    expect([request, notification, response].map(isRequest)).toEqual([true, false, false]);
    expect([request, notification, response].map(isResponse)).toEqual([false, false, true]);
  });

  test.each([
    ['', 'empty'],
    ['no json', 'not-json'],
    ['{"method":"turn/star', 'not-json'],
    ['{"method":"a"}{"method":"b"}', 'not-json'],
    ['null', 'not-an-object'],
    ['5', 'not-an-object'],
    ['"method"', 'not-an-object'],
    ['[{"method":"a"}]', 'not-an-object'],
    ['{}', 'no-type'],
    ['{"result":5}', 'no-type'],
    ['{"id":1}', 'no-type'],
    ['{"method":5}', 'no-type'],
    ['{"method":null,"id":1,"result":5}', 'no-type'],
    ['{"id":1,"error":null}', 'no-type'],
    ['{"id":1,"error":"no"}', 'no-type'],
    ['{"id":1,"error":{"code":"no","message":"no"}}', 'no-type'],
    ['{"id":1,"error":{"code":5}}', 'no-type'],
    ['{"id":1,"result":5,"error":"no"}', 'no-type'],
    ['{"method":"a","id":null}', 'bad-request-id'],
    ['{"method":"a","id":1.5}', 'bad-request-id'],
    ['{"method":"a","id":{}}', 'bad-request-id'],
    ['{"method":"a","id":""}', 'bad-request-id'],
    ['{"id":null,"error":{"code":5,"message":"no"}}', 'bad-request-id'],
  ])('refuses %s: %s', (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });
});

/** How the id of a request is written in its answer. */
function answeredId(written: string): string {
  const frame = `{"method":"a","id":${written}}`;
  const { id } = readMessage(frame) as { readonly id: string };
  const ids = createIdWriter();
  ids.observe(id, frame);
  return ids.write(id);
}

describe('integers beyond 2 ** 53', () => {
  test.each([
    ['9007199254740991', 9_007_199_254_740_991],
    ['-9007199254740991', -9_007_199_254_740_991],
    ['9007199254740992', '9007199254740992'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['18446744073709551615', '18446744073709551615'],
    ['1234567890123456.5', 1_234_567_890_123_456.5],
    ['1234567890123456789e2', Number('1234567890123456789e2')],
    ['"9223372036854775807"', '9223372036854775807'],
    ['"a\\"[9223372036854775807,\\\\"', 'a"[9223372036854775807,\\'],
  ])('%s reads as %p', (text, value) => {
    const read = readMessage(`{"method":"a","params":{"x": [${text},1,${text}]}}`);
    expect(read).toEqual({ method: 'a', params: { x: [value, 1, value] } });
  });

  test('of an id are written as they came', () => {
    for (const digits of ['9223372036854775807', '-9223372036854775808', '9007199254740993']) {
      expect(answeredId(digits)).toBe(digits);
      expect(answeredId(`"${digits}"`)).toBe(`"${digits}"`);
    }
  });

  test('of an id are written as it came last', () => {
    const ids = createIdWriter();
    const digits = '9223372036854775807';
    for (const written of [`"${digits}"`, digits]) {
      ids.observe(digits, `{"method":"a","id":${written}}`);
      expect(ids.write(digits)).toBe(written);
    }
  });

  test('do not concern other ids', () => {
    expect(
      [0, -5, 9_007_199_254_740_991, 'a"', '7', '9007199254740991'].map(createIdWriter().write),
    ).toEqual(['0', '-5', '9007199254740991', '"a\\""', '"7"', '"9007199254740991"']);
  });

  test('are found in a frame of megabytes of escapes, which is no regular expression for the stack', () => {
    const text = JSON.stringify('a\n'.repeat(5_000_000));
    const read = readMessage(`{"method":"a","params":{"n":12345678901234567890,"text":${text}}}`);
    expect((read as { params: { n: string; text: string } }).params).toMatchObject({
      n: '12345678901234567890',
    });
    expect((read as { params: { text: string } }).params.text).toHaveLength(10_000_000);
  });
});
