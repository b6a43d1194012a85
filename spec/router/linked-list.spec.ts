import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLinkedList, type Place } from '../../lib/router/linked-list.js';

describe('createLinkedList', () => {
  test('has no first item while it is empty', () => {
    const list = createLinkedList<string>();
    expect(list.first()).toBeUndefined();
    list.remove(list.push('a'));
    expect(list.first()).toBeUndefined();
  });

  test('does what an array does', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(9)), { maxLength: 40 }), (moves) => {
        const list = createLinkedList<number>();
        const places: Place<number>[] = [];
        moves.forEach((at, number) => {
          if (at === null || places.length === 0) places.push(list.push(number));
          else list.remove(places.splice(at % places.length, 1)[0]!);
          expect(list.first()).toBe(places[0]?.item);
        });
        const left = places.map(({ item }) => item);
        for (const item of left) {
          expect(list.first()).toBe(item);
          list.remove(places.shift()!);
        }
        expect(list.first()).toBeUndefined();
      }),
    );
  });

  test('lets go of what came later when an item is removed', () => {
    const list = createLinkedList<string>();
    const [a, b] = [list.push('a'), list.push('b')];
    list.remove(a);
    expect([a.before, a.after]).not.toContain(b);
  });
});
