import { describe, expect, test } from '@jest/globals';
import type { RequestId } from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import fc from 'fast-check';
import { matchIds } from '../../lib/match/ids.js';

const matcherOf = (...ids: readonly unknown[]) =>
  matchIds(
    'forThing',
    ids as readonly RequestId[],
    (keys) => ({ requests: keys, complete: true }),
    (event) => event.requestId,
  );

const passes = (wanted: readonly RequestId[], requestId: RequestId): boolean =>
  matcherOf(...wanted).test(envelope('any', null, { requestId }));

describe('matchIds', () => {
  test('matches an id in either spelling, whichever way it was asked for', () => {
    const number = fc.maxSafeInteger();
    fc.assert(
      fc.property(number, fc.array(number), (id, others) => {
        for (const wanted of [id, String(id)]) {
          for (const held of [id, String(id)]) {
            expect(passes([wanted], held)).toBe(true);
            expect(passes([...others, wanted], held)).toBe(true);
          }
        }
      }),
    );
  });

  test('matches no other id, nor one that only looks like a number', () => {
    const id = fc.oneof(
      fc.integer(),
      fc.string({ minLength: 1 }),
      fc.constantFrom('01', ' 1', '1e0'),
    );
    fc.assert(
      fc.property(id, id, id, (wanted, other, held) => {
        const equal = [wanted, other].some((one) => String(one) === String(held));
        expect(passes([wanted, other], held)).toBe(equal);
        expect(passes([wanted], held)).toBe(String(wanted) === String(held));
      }),
    );
  });

  test('hands its ids to the key as strings', () => {
    expect(matcherOf(0, 'a').key).toEqual({ requests: ['0', 'a'], complete: true });
  });

  test('names the operator that was given no ids, or what is no id', () => {
    const wrong = [[], [undefined], ['a', undefined], [null], [''], [true], [1.5], [NaN], [['a']]];
    for (const ids of wrong) {
      expect(() => matcherOf(...ids)).toThrow(
        new TypeError('"forThing" must be given ids: strings or whole numbers.'),
      );
    }
  });
});
