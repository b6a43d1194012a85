import { describe, expect, test } from '@jest/globals';
import { EMPTY } from 'rxjs';
import { isWaitable, mustNotWait } from '../../lib/router/waitable.js';

describe('isWaitable', () => {
  test.each([
    ['a promise', Promise.resolve()],
    ['a thenable', { then: () => undefined }],
    ['an Observable', EMPTY],
    ['an async iterable', (async function* () {})()],
  ])('is true of %s', (_, value) => {
    expect(isWaitable(value)).toBe(true);
  });

  test.each([undefined, null, 0, 'text', true, [1], new Set(), {}, { then: 1 }, () => EMPTY])(
    'is false of other results, which are ignored: %p',
    (value) => {
      expect(isWaitable(value)).toBe(false);
    },
  );
});

test('mustNotWait says what to do', () => {
  const message = 'dispatchSync cannot wait for the promise of a handler: use dispatch.';
  for (const result of [undefined, EMPTY, Promise.resolve()]) {
    expect(mustNotWait(result)).toEqual(new Error(message));
  }
});
