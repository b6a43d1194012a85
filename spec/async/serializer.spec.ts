import { describe, expect, test } from '@jest/globals';
import { createSerializer } from '../../lib/async/serializer.js';

describe('turns', () => {
  test('a task that comes during another runs after it, in the order of coming', () => {
    const turns = createSerializer();
    const ran: string[] = [];
    turns(() => {
      turns(() => {
        turns(() => ran.push('a.a'));
        ran.push('a');
      });
      turns(() => ran.push('b'));
      ran.push('first');
    });
    turns(() => ran.push('last'));
    expect(ran).toEqual(['first', 'a', 'b', 'a.a', 'last']);
  });

  test('a task alone runs at once', () => {
    let ran = false;
    createSerializer()(() => {
      ran = true;
    });
    expect(ran).toBe(true);
  });

  test('a task that throws tells its caller, and blocks nobody after it', () => {
    const turns = createSerializer();
    const ran: string[] = [];
    expect(() => {
      turns(() => {
        throw new Error('broken');
      });
    }).toThrow('broken');
    turns(() => ran.push('next'));
    expect(ran).toEqual(['next']);
  });
});
