import { describe, expect, test } from '@jest/globals';
import type { Gap } from 'codex-rx';
import { alphabet, marbles } from 'codex-rx/testing';
import { map, merge, mergeMap } from 'rxjs';

describe('8. Honest gaps', () => {
  test('A reconnection is announced as a gap, before the first new event.', () => {
    const gaps: Gap[] = [];
    marbles(({ stream, expectObservable }) => {
      const source = stream('-t-d-!-----(^d)-c-|');
      const expected = '     -t-d-------(gd)-c-|';
      const gaps$ = source.gaps$.pipe(map(() => 'gap'));
      source.gaps$.subscribe((gap) => gaps.push(gap));
      expectObservable(merge(source.events$, gaps$)).toBe(expected, { g: 'gap' });
    });
    expect(gaps).toMatchObject([{ connection: 2, since: 3, duration: 8, last: alphabet.d }]);
  });

  test('What happened meanwhile is missed: nothing pretends otherwise.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-d-!-i-d-o-^-c-|');
      const events = '       -t-d-----------c-|';
      expectEnvelopes(source).toBe(events);
    });
  });

  test('What was recovered is told with the gap, a round trip later.', () => {
    marbles(({ stream, expectObservable }) => {
      const source = stream('-t-!-r-s-q-^---|');
      const pending = '      ------------q--|';
      const recovery$ = source.gaps$.pipe(mergeMap((gap) => gap.recovery$));
      const pending$ = recovery$.pipe(
        map(({ complete, recovered }) => [complete, ...recovered.map(({ type }) => type)]),
      );
      expectObservable(pending$).toBe(pending, { q: [true, 'tool_user_input_requested'] });
      void source.connect();
    });
  });

  test('A recovery that did not come to its end says so.', () => {
    marbles(({ stream, expectObservable }) => {
      const source = stream('-t-!--^!--^---|', {}, { roundTrip: 2 });
      const complete = '     -------n----y-|';
      const recovery$ = source.gaps$.pipe(mergeMap((gap) => gap.recovery$));
      const complete$ = recovery$.pipe(map(({ complete }) => complete));
      expectObservable(complete$).toBe(complete, { n: false, y: true });
      void source.connect();
    });
  });
});
