import { expect, test } from '@jest/globals';
import { mustBeKnown } from '../../lib/options/index.js';

const names = ['heartbeat', 'timeout', 'bound'];

test('takes known names, whatever their values', () => {
  expect(() => {
    mustBeKnown('', { bound: undefined, timeout: 1 }, names);
    mustBeKnown('', {}, names);
  }).not.toThrow();
});

test.each([
  ['', 'hearbeat', '"hearbeat" is not an option: did you mean "heartbeat"?'],
  ['reconnect.', 'timeOut', '"reconnect.timeOut" is not an option: did you mean "timeout"?'],
  ['', 'tiemout', '"tiemout" is not an option: did you mean "timeout"?'],
  ['', 'colour', '"colour" is not an option: known are heartbeat, timeout, bound'],
  ['', 'toString', '"toString" is not an option: known are heartbeat, timeout, bound'],
])('names an unknown option and the nearest known one: %s%s', (group, name, message) => {
  expect(() => {
    mustBeKnown(group, { [name]: 1 }, names);
  }).toThrow(new TypeError(message));
});
