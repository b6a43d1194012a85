import { expect, test } from '@jest/globals';
import { mustBe } from '../../lib/options/index.js';

test('lets pass what is as it must be', () => {
  expect(() => {
    mustBe(true, 'bound', 'a number');
  }).not.toThrow();
});

test('names the option and what it must be', () => {
  expect(() => {
    mustBe(false, 'key', 'a function');
  }).toThrow(new TypeError('"key" must be a function.'));
});

test('shows what was given, where the caller says that it may be shown', () => {
  expect(() => {
    mustBe(false, 'bound', 'a number', null);
  }).toThrow(new TypeError('"bound" must be a number, not null.'));
});
