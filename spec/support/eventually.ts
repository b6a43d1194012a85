/** Resolves as soon as `done` holds; rejects when that takes more than 20 s. */
export async function eventually(done: () => boolean | Promise<boolean>): Promise<void> {
  const began = Date.now();
  while (!(await done())) {
    if (Date.now() - began > 20_000) throw new Error(`Not within 20 s: ${String(done)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
