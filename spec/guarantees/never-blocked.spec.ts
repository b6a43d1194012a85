import { describe, test } from '@jest/globals';
import { ofPrefix } from 'codex-rx';
import { marbles, seenBy } from 'codex-rx/testing';
import { NEVER, timer } from 'rxjs';

const any = ofPrefix('');

describe('5. Never blocked', () => {
  test('No handler waits for another, and reading the socket waits for none.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-d-d-d-c-|');
      const stuck = '        -t----------';
      const slow = '         -t----d----d----d----c';
      const quick = '        -t-d-d-d-c--';
      const subscriber = '   -t-d-d-d-c-|';
      expectEnvelopes(seenBy(source, any, () => NEVER)).toBe(stuck);
      expectEnvelopes(seenBy(source, any, () => timer(5))).toBe(slow);
      expectEnvelopes(seenBy(source, any)).toBe(quick);
      expectEnvelopes(source).toBe(subscriber);
    });
  });

  test('What becomes of events meanwhile is up to the strategy of the route.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-i-d-d----o-|');
      const concat = '       -i----d----d----o';
      const merge = '        -i-d-d----o--';
      const exhaust = '      -i--------o--';
      const handler = () => timer(5);
      expectEnvelopes(seenBy(source, any, handler)).toBe(concat);
      expectEnvelopes(seenBy(source, any, handler, { strategy: 'merge' })).toBe(merge);
      expectEnvelopes(seenBy(source, any, handler, { strategy: 'switch' })).toBe(merge);
      expectEnvelopes(seenBy(source, any, handler, { strategy: 'exhaust' })).toBe(exhaust);
      void source.connect();
    });
  });
});
