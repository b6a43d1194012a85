import { describe, expect, test } from '@jest/globals';
import { writtenAs } from '../../lib/requests/given.js';

describe('an answer, as JSON says it,', () => {
  test('is what is sent, and not the object that was given', () => {
    const given = { decision: 'accept', toJSON: () => ({ decision: 'decline' }) };
    expect(writtenAs(given)).toEqual([{ decision: 'decline' }, '{"decision":"decline"}']);
  });

  test.each([NaN, Infinity, -Infinity])('has no %d: JSON would say null', (number) => {
    expect(writtenAs({ at: number })).toMatch('at must be a number');
  });

  test.each([[undefined], [() => undefined], [Symbol('x')]])('is an object, not %p', (answer) => {
    expect(writtenAs(answer)).toBe('answer must be an object');
  });

  test('names what cannot be written', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(writtenAs(circular)).toMatch('answer cannot be written as JSON: TypeError');
    expect(writtenAs({ at: 1n })).toMatch('BigInt');
  });
});
