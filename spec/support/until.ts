/** Resolves as soon as `done` holds. It is the test's own timeout that gives up. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
}
