import { show } from './show.js';

/** How long to wait for what is expected, in ms. */
const maxWaitMs = 2_000;

/**
 * Waits until something holds.
 *
 * @param what What is expected, as in `the stream to be open again`.
 * @throws Error that says so, if it does not happen in time.
 */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + maxWaitMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Expected ${what}: nothing of it in ${maxWaitMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Waits for a promise; `what` describes it in the error. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`Expected ${what}: nothing of it in ${maxWaitMs} ms.`);
    timer = setTimeout(reject, maxWaitMs, error);
  });
  const settled = promise.catch((cause: unknown) => {
    throw new Error(`Expected ${what}: it failed with ${show(cause)}.`, { cause });
  });
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws Error that names what was expected, and shows both sides, if they differ. */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (show(actual) === show(expected)) return;
  throw new Error(`Expected ${what}: expected ${show(expected)}, got ${show(actual)}.`);
}
