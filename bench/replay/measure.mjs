// What the programs about recordings have in common: each gets the path of a recording and the number of
// its frames, and prints the seconds that it took as JSON.

import { argv } from 'node:process';

export const path = argv[2];
export const expected = Number(argv[3]);

/** Runs something that resolves with how many events there were. */
export async function measure(run) {
  const start = performance.now();
  const handled = await run();
  const seconds = (performance.now() - start) / 1_000;
  console.log(JSON.stringify({ seconds, handled, expected }));
}
