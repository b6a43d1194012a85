import { expect, test } from '@jest/globals';
import { checkHeaders, type Headers as Checked } from '../../lib/stream/index.js';

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
])('%p are none, and what they hold is not told', (headers, message) => {
  expect(() => checkHeaders(headers as Checked)).toThrow(new TypeError(message));
});
