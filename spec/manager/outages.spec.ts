import { describe, expect, test } from '@jest/globals';
import { approvals, type Settlement } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { map, timer } from 'rxjs';
import { accept } from '../support/answers.js';

/** How long the network is away, in ms: from a second to five minutes. */
const outages = [1_000, 5_000, 8_500, 15_000, 60_000, 300_000];

const short = ({ outcome, cause }: Settlement) => `${outcome} ${cause}`;

describe.each(outages)(
  'an answer that is decided while the network is away for %i ms',
  (outage) => {
    const half = outage / 2;

    test('is delivered once when the server is there again, and its handler runs once', () => {
      let runs = 0;
      const errors: unknown[] = [];
      marbles(({ stream, expectAnswers, expectObservable }) => {
        const source = stream(`-r-! ${outage - 1}ms ^- 50ms |`);
        const { requests } = source;
        requests.serve(approvals, () => {
          runs++;
          return timer(half).pipe(map(() => accept()));
        });
        requests.errors$.subscribe((error) => errors.push(error));
        // The lists that prove it take a round trip: the reply settles it after another.
        expectAnswers(source).toBe(`---- ${outage - 1}ms -a`);
        expectObservable(requests.settled$.pipe(map(short))).toBe(
          `---- ${outage - 1}ms --s 49ms |`,
          { s: 'answered accepted' },
        );
        void source.connect();
      });
      expect([runs, errors]).toEqual([1, []]);
    });

    test('goes nowhere if the server does not wait for it any more', () => {
      let runs = 0;
      marbles(({ stream, expectAnswers, expectObservable }) => {
        // The turn ends meanwhile, which nobody hears.
        const source = stream(`-r-! ${half}ms c ${half - 2}ms ^- 50ms |`);
        const { requests } = source;
        requests.serve(approvals, () => {
          runs++;
          return timer(3).pipe(map(() => accept()));
        });
        expectAnswers(source).toBe('');
        expectObservable(requests.settled$.pipe(map(({ outcome }) => outcome))).toBe(
          `---- ${outage - 1}ms -s 50ms |`,
          { s: 'lost' },
        );
        void source.connect();
      });
      expect(runs).toBe(1);
    });
  },
);

test('an answer that is kept when the stream is closed has failed, and says so', () => {
  const settled: string[] = [];
  marbles(({ stream, expectAnswers }) => {
    const source = stream('-r-! 30s ^- 1s |');
    source.requests.serve(approvals, () => timer(5).pipe(map(() => accept())));
    source.requests.settled$.subscribe((settlement) => settled.push(short(settlement)));
    expectAnswers(source).toBe('');
    void source.connect();
    timer(10_000).subscribe(() => void source.close());
  });
  expect(settled).toEqual(['failed closed']);
});

test('a request that nothing answers is overdue once, after the time of the option', () => {
  marbles(({ stream, expectObservable }) => {
    const source = stream('-r- 60s |', {}, { overdueAfter: 5_000 });
    expectObservable(source.requests.overdue$.pipe(map(({ kind }) => kind))).toBe('- 5s o 55s -|', {
      o: 'commandExecution',
    });
    void source.connect();
  });
});
