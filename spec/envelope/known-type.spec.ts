import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { knownType } from '../../lib/envelope/known-type.js';

describe('knownType', () => {
  test('gives every type back as it is, whatever came before it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), (types) => {
        for (const type of types) expect(knownType(type).type).toBe(type);
      }),
    );
  });

  test('keeps what it knows of a type, and nothing of a long one', () => {
    const [type, long] = ['app_server.item.started', 'a'.repeat(201)];
    expect(knownType(type)).toBe(knownType(type));
    expect(knownType(long)).not.toBe(knownType(long));
  });

  test.each([
    ['approval', true],
    ['app_server.request.item.tool.call', true],
    ['app_server.server_request.resolved', true],
    ['app_server.item.started', false],
  ])('of %s it is known whether it may name a request: %s', (type, mayNameRequest) => {
    expect(knownType(type)).toEqual({ type, mayNameRequest });
  });
});
