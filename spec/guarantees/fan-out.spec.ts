import { describe, test } from '@jest/globals';
import {
  forThread,
  forTurn,
  matching,
  ofAppServer,
  ofAppServerRequest,
  ofPrefix,
  ofTurnStarted,
  ofType,
} from 'codex-rx';
import { marbles, seenBy } from 'codex-rx/testing';

describe('2. Fan-out', () => {
  test('Every matching route runs, and there is no first match.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-T-i-d-r-D-s-o-c-C-');
      const all = '          -t-T-i-d-r-D-s-o-c-C-';
      const thread1 = '      -t---i-d-r---s-o-c---';
      const turn2 = '        ---T-------D-------C-';
      const starts = '       -t-T-----------------';
      const deltas = '       -------d---D---------';
      const requests = '     ---------r-----------';
      const ends = '         ---------------o-c-C-';
      expectEnvelopes(seenBy(source, ofPrefix(''))).toBe(all);
      expectEnvelopes(seenBy(source, ofPrefix('app_server.'))).toBe(all);
      expectEnvelopes(seenBy(source, forThread('thread-1'))).toBe(thread1);
      expectEnvelopes(seenBy(source, forTurn('turn-2'))).toBe(turn2);
      expectEnvelopes(seenBy(source, ofTurnStarted())).toBe(starts);
      expectEnvelopes(seenBy(source, ofType('app_server.turn.started'))).toBe(starts);
      expectEnvelopes(seenBy(source, ofAppServer('item/agentMessage/delta'))).toBe(deltas);
      expectEnvelopes(seenBy(source, ofAppServerRequest())).toBe(requests);
      expectEnvelopes(
        seenBy(
          source,
          matching(({ type }) => type.endsWith('completed')),
        ),
      ).toBe(ends);
      void source.connect();
    });
  });

  test('A handler that is registered twice runs twice.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-c-|');
      const both = '         -t----';
      const handler$ = seenBy(source, ofTurnStarted());
      expectEnvelopes(handler$).toBe(both);
      expectEnvelopes(handler$).toBe(both);
      void source.connect();
    });
  });
});
