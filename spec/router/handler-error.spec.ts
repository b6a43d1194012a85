import { describe, expect, test } from '@jest/globals';
import { HandlerError, OverflowError, type HandlerFault } from 'codex-rx';
import { envelope } from 'codex-rx/testing';

const event = envelope('a');

describe('HandlerError', () => {
  test.each<HandlerFault>(['matcher', 'pipeline', 'handler', 'queue', 'source'])(
    'says which route failed, in its %s, and on which event',
    (kind) => {
      const cause = new Error('boom');
      const error = new HandlerError('log', kind, event, cause);
      expect(error).toBeInstanceOf(Error);
      expect(error.message).toBe(`Route "log" failed in its ${kind} on a: boom`);
      expect(error).toMatchObject({ name: 'HandlerError', route: 'log', kind });
      expect(error.envelope).toBe(event);
      expect(error.cause).toBe(cause);
    },
  );

  test('names no event where none is known', () => {
    const error = new HandlerError('log', 'pipeline', null, new Error('boom'));
    expect(error.message).toBe('Route "log" failed in its pipeline: boom');
  });

  test.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'a value that cannot be shown'],
    [Object.assign(new Error(), { message: Symbol('odd') }), 'Symbol(odd)'],
    [
      Object.assign(new Error(), { message: Object.create(null) as string }),
      'a value that cannot be shown',
    ],
  ])('can be made of whatever was thrown (%#)', (cause: unknown, told) => {
    const error = new HandlerError('log', 'handler', null, cause);
    expect(error.message).toBe(`Route "log" failed in its handler: ${told}`);
    expect(error.cause).toBe(cause);
  });
});

test('OverflowError says how full the queue is, and what was lost', () => {
  const error = new OverflowError('kept', 10, 3, 12);
  expect(error.message).toBe('12 events wait (bound 10), 3 dropped so far.');
  expect(error).toMatchObject({
    name: 'OverflowError',
    kind: 'kept',
    bound: 10,
    dropped: 3,
    waiting: 12,
  });
});
