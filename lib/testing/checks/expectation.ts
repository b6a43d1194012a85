import { show } from './show.js';

/** How long something that is expected may take, in ms. */
const patience = 2_000;

/**
 * Waits until something holds.
 *
 * @param what Who was expected to do what: `the stream to be open again`.
 * @throws Error that says so, if it does not happen in time.
 */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Expected ${what}: nothing of it in ${patience} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Waits for a promise, of which it is told like this what it stands for. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`Expected ${what}: nothing of it in ${patience} ms.`);
    timer = setTimeout(reject, patience, error);
  });
  const told = promise.catch((cause: unknown) => {
    throw new Error(`Expected ${what}: it failed with ${show(cause)}.`, { cause });
  });
  try {
    return await Promise.race([told, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws Error that names who was expected to do what, and shows both sides, if they differ. */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (show(actual) === show(expected)) return;
  throw new Error(`Expected ${what}: expected ${show(expected)}, got ${show(actual)}.`);
}
