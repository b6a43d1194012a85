// Waiting, in time that stands still while the process does not get its turn: a loaded machine is no
// fault of what is waited for.

import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** How much time passes between two looks at most, in ms. */
const step = 25;

/** Resolves with whether it became true in time. */
export async function until(isTrue, milliseconds) {
  let left = milliseconds;
  let last = performance.now();
  while (!isTrue()) {
    if (left < 0) return false;
    await sleep(2);
    const now = performance.now();
    left -= Math.min(now - last, step);
    last = now;
  }
  return true;
}
