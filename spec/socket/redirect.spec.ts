import { expect, test } from '@jest/globals';
import { redirectOf } from '../../lib/socket/redirect.js';

const from = 'ws://me:secret@127.0.0.1:1/base/api/stream?token=secret';

test.each([
  [302, 'https://login.example/a', 'https://login.example/a'],
  [308, '/login?token=secret#secret', 'ws://127.0.0.1:1/login'],
  [300, '/one-of-many', 'ws://127.0.0.1:1/one-of-many'],
  [301, 'wss://a:secret@b.example/c?secret', 'wss://b.example/c'],
  [302, `/${'x'.repeat(1_000)}`, `ws://127.0.0.1:1/${'x'.repeat(183)}`],
])('the target of a redirect (%i, %s) is shown without what may be secret', (status, to, shown) => {
  expect(redirectOf(from, status, to)).toBe(shown);
});

test.each<[number, string | null | undefined]>([
  [401, 'https://login.example'],
  [201, '/made'],
  [299, '/made'],
  [400, '/wrong'],
  [302, undefined],
  [302, ''],
  [302, 'http://[no'],
])('%i with %p is no redirect', (status, location) => {
  expect(redirectOf(from, status, location)).toBeUndefined();
});
