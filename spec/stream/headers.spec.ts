import { expect, test } from '@jest/globals';
import { connectManager } from 'codex-rx';
import { checkHeaders, checkProtocols, type Headers as Checked } from '../../lib/stream/index.js';

test('headers are an object of strings', () => {
  const headers = { authorization: 'Bearer x', 'x-empty': '' };
  expect(checkHeaders(headers)).toBe(headers);
  expect(checkHeaders({})).toEqual({});
});

test.each<[unknown, string]>([
  [null, '"headers" must be an object of strings.'],
  ['authorization: x', '"headers" must be an object of strings.'],
  [undefined, '"headers" must be an object of strings.'],
  [new Headers({ a: 'b' }), '"headers" must be an object of strings.'],
  [new Map([['a', 'b']]), '"headers" must be an object of strings.'],
  [['a', 'b'], '"headers" must be an object of strings.'],
  [{ ok: 'yes', 'x-key': ['secret'] }, '"headers.x-key" must be a string.'],
  [{ 'x-key': undefined }, '"headers.x-key" must be a string.'],
  [
    { 'sec-websocket-PROTOCOL': 'secret' },
    '"headers.sec-websocket-PROTOCOL" must be left out: give "protocols", a list of subprotocols.',
  ],
  [
    { 'Sec-WebSocket-Key': 'secret' },
    '"headers.Sec-WebSocket-Key" must be left out: the websocket writes it.',
  ],
  [{ upgrade: 'h2c' }, '"headers.upgrade" must be left out: the websocket writes it.'],
])('%p are none, and what they hold is not told', (headers, message) => {
  expect(() => checkHeaders(headers as Checked)).toThrow(new TypeError(message));
});

test('subprotocols are tokens, each of them once', () => {
  const protocols = ['codex.v1', 'bearer.a-b_c~d'];
  expect(checkProtocols(protocols)).toBe(protocols);
  expect(checkProtocols([])).toEqual([]);
});

test.each<[unknown]>([
  ['secret'],
  [null],
  [new Set(['secret'])],
  [['secret', 5]],
  [['secret', 'secret']],
  [['secret, other']],
  [['']],
  [['sécret']],
])('%p are no subprotocols, and what they hold is not told', (protocols) => {
  for (const attempt of [
    () => checkProtocols(protocols as string[]),
    () => connectManager({ url: 'ws://h', protocols: protocols as string[] }),
  ]) {
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(/^"protocols" must be an array of subprotocols/);
    expect(attempt).not.toThrow('secret');
  }
});
