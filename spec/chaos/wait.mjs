// Waiting, in real time.

import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Resolves with whether it became true in time. */
export async function until(isTrue, milliseconds) {
  const deadline = performance.now() + milliseconds;
  while (!isTrue()) {
    if (performance.now() > deadline) return false;
    await sleep(2);
  }
  return true;
}
