import { describe, expect, test } from '@jest/globals';
import { lastValueFrom, of } from 'rxjs';
import { toObservable } from '../../lib/async/lazy.js';

describe('later', () => {
  test.each([
    ['a value', () => 5],
    ['a promise', () => Promise.resolve(5)],
    ['an Observable', () => of(5)],
  ])('takes %s', async (_, ask) => {
    expect(await lastValueFrom(toObservable(ask))).toBe(5);
  });

  test('asks each subscriber anew', async () => {
    let asked = 0;
    const number$ = toObservable(() => ++asked);
    expect(await lastValueFrom(number$)).toBe(1);
    expect(await lastValueFrom(number$)).toBe(2);
  });

  test('what is thrown is its error', async () => {
    const error = new Error('boom');
    const thrown$ = toObservable(() => {
      throw error;
    });
    await expect(lastValueFrom(thrown$)).rejects.toBe(error);
  });
});
