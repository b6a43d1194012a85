// npm run bench -- --against <commit>: what this library costs here and at another commit, in one table.
//
// The other commit is built in a worktree of its own, which is removed in the end. Each row is a program that runs in a
// fresh process, here and there in turn, round by round: a slow moment of the machine hits both. What is compared is
// CPU time. A row is slower (or faster) if its median lies beyond all rounds of the other commit; what a row measures
// stands at the head of socket.mjs, dispatch.mjs, routes.mjs and replay.mjs. Latency is time by the clock, and is not
// compared. Each commit brings its own programs; what it lacks, and how to measure, it gets from here.

import { execFile } from 'node:child_process';
import { cp, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { withCheckout } from './checkout.mjs';
import { dispatchCosts } from './dispatch.mjs';
import { median, spread } from './figures.mjs';
import { programIn } from './process.mjs';
import { replayCosts, withRecording } from './replay.mjs';
import { routeCosts } from './routes.mjs';
import { socketCosts } from './socket.mjs';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

/** Each row with the spread `before` and `after`, the `ratio` of the medians and a `verdict`. */
export async function against(commit, { rounds, events, only }) {
  return withCheckout(commit, async (other) => {
    await prepare(other);
    return withRecording(async (recording) => {
      const rows = [
        ...socketCosts(events),
        ...dispatchCosts(),
        ...routeCosts(),
        ...replayCosts(recording),
      ]
        .filter(({ name }) => name.includes(only))
        .map((row) => ({ ...row, before: [], after: [] }));
      const sides = [
        ['before', (...program) => programIn(join(other, 'bench'), ...program)],
        ['after', (...program) => programIn(join(root, 'bench'), ...program)],
      ];
      for (let round = 0; round < rounds; round++) {
        for (const row of rows) {
          for (const [side, start] of sides) row[side].push(await row.measure(start));
        }
        sides.reverse();
      }
      return rows.map(({ name, unit, before, after }) => {
        const ratio = median(after) / median(before);
        return {
          name,
          unit,
          before: spread(before),
          after: spread(after),
          ratio,
          verdict: verdictOn(before, median(after)),
        };
      });
    });
  });
}

function verdictOn(before, after) {
  if (after > Math.max(...before)) return 'slower';
  return after < Math.min(...before) ? 'faster' : '';
}

/** Builds the commit, and gives it the programs that it lacks. */
async function prepare(other) {
  await run('npm', ['run', '--silent', 'build'], { cwd: other });
  const bench = join(other, 'bench');
  await cp(import.meta.dirname, bench, { recursive: true, force: false });
  for (const path of await readdir(import.meta.dirname, { recursive: true })) {
    if (basename(path) === 'measure.mjs')
      await cp(join(import.meta.dirname, path), join(bench, path));
  }
}
