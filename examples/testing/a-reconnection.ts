import { test } from '@jest/globals';
import { type CodexStream } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { distinctUntilChanged, map } from 'rxjs';

/** The text of a banner about the connection. */
const banner = ({ status$ }: CodexStream) =>
  status$.pipe(
    map(({ state }) => (state === 'open' ? 'live' : state === 'closed' ? 'bye' : 'away')),
    distinctUntilChanged(),
  );

test('the banner says when the stream is away, and what was missed is a gap', () => {
  marbles(({ stream, expectObservable, expectEnvelopes }) => {
    const source = stream('   -t-d-!--^-d-c-|');
    const events = '          -t-d------d-c-|';
    const gaps = '            --------g-----|';
    expectEnvelopes(source).toBe(events);
    expectObservable(source.gaps$.pipe(map(({ duration }) => duration))).toBe(gaps, { g: 5 });
    const says = { l: 'live', a: 'away', b: 'bye' };
    expectObservable(banner(source)).toBe('(al)-a--l-----(b|)', says);
  });
});
