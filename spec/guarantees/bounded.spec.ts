import { describe, expect, test } from '@jest/globals';
import {
  ofPrefix,
  OverflowError,
  type Overflow,
  type OverflowFault,
  type RouteStats,
} from 'codex-rx';
import { marbles, notification, seenBy } from 'codex-rx/testing';
import { timer } from 'rxjs';

const any = ofPrefix('');
const delta = (delta: string) => notification('item/agentMessage/delta', { delta });
const deltas = [delta('a'), delta('b'), delta('c'), delta('d')];

const policies: readonly (readonly [Overflow, OverflowFault, string])[] = [
  ['drop-oldest', 'dropped-oldest', ' -0--------2--------3'],
  ['drop-newest', 'dropped-newest', ' -0--------1--------2'],
];

describe('6. Bounded', () => {
  test.each(policies)(
    'A full queue drops what its policy says (%s), and reports it.',
    (overflow, kind, kept) => {
      marbles(({ stream, expectEnvelopes, expectErrors }) => {
        const source = stream('-0-1-2-3-|', deltas);
        const errors = '       -------3--';
        const options = { bound: 2, overflow, name: 'slow' };
        const cause = new OverflowError(kind, 2, 1, 2);
        const dropped = { route: 'slow', kind: 'queue', envelope: deltas[3]!, cause } as const;
        expectEnvelopes(seenBy(source, any, () => timer(9), options)).toBe(kept, deltas);
        expectErrors(source).toBe(errors, { 3: dropped });
        void source.connect();
      });
    },
  );

  test('Requests and lifecycle events are never dropped, and the rest never without a count.', () => {
    const counts: (RouteStats | undefined)[] = [];
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-0-1-2-3-o-c-r-|', deltas);
      const handler = '      -0 19ms o 19ms c 19ms r';
      expectEnvelopes(seenBy(source, any, () => timer(20), { bound: 2 })).toBe(handler, deltas);
      source.router.errors$.subscribe();
      timer(20).subscribe(() => counts.push(source.router.routes?.[0]?.stats));
      void source.connect();
    });
    expect(counts).toMatchObject([{ handled: 1, dropped: 3, waiting: 3 }]);
  });
});
