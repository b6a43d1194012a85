import { describe, expect, test } from '@jest/globals';
import { amounts, amountsOrOff } from '../../lib/options/index.js';

const standard = { interval: 15, timeout: 10 };

describe('amounts', () => {
  test('are those that are given, or else standard', () => {
    expect(amounts('', {}, standard)).toEqual(standard);
    expect(amounts('', { timeout: 0, interval: undefined }, standard)).toEqual({
      interval: 15,
      timeout: 0,
    });
    expect(amounts('', { other: 5 } as never, standard)).toEqual(standard);
  });

  test('are no longer than a timer can wait', () => {
    expect(amounts('', { timeout: Infinity }, standard).timeout).toBe(2 ** 31 - 1);
    expect(amounts('', {}, { attempts: Infinity }).attempts).toBe(2 ** 31 - 1);
  });

  test.each([
    [-1, ', not -1.'],
    [NaN, ', not NaN.'],
    ['5', ', not string.'],
    [null, ', not object.'],
    [{}, ', not object.'],
    [5n, ', not bigint.'],
  ])('%p is none: the error names the option', (value, not) => {
    const message = `"group.timeout" must be a number, 0 or more${not}`;
    expect(() => amounts('group.', { timeout: value } as never, standard)).toThrow(
      new TypeError(message),
    );
  });
});

describe('amounts that can be switched off', () => {
  test('are null for false, and otherwise amounts', () => {
    expect(amountsOrOff('heartbeat', false, standard)).toBeNull();
    expect(amountsOrOff('heartbeat', { timeout: 5 }, standard)).toEqual({
      interval: 15,
      timeout: 5,
    });
    expect(() => amountsOrOff('heartbeat', { timeout: -5 }, standard)).toThrow(
      '"heartbeat.timeout" must be a number, 0 or more, not -5.',
    );
  });

  test.each([true, null, 5, 'off'])('%p is neither', (value) => {
    expect(() => amountsOrOff('heartbeat', value as never, standard)).toThrow(
      new TypeError('"heartbeat" must be an object of options, or false.'),
    );
  });
});
