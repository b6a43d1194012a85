// What the programs about recordings have in common: each gets the path of a recording and the number of
// its frames, and prints the seconds that it took as JSON, by the clock and of CPU time.

import { argv, cpuUsage } from 'node:process';

export const path = argv[2];
export const expected = Number(argv[3]);

/** Runs something that resolves with how many events there were. */
export async function measure(run) {
  const start = performance.now();
  const before = cpuUsage();
  const handled = await run();
  const { user, system } = cpuUsage(before);
  const seconds = (performance.now() - start) / 1_000;
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, handled, expected }));
}
