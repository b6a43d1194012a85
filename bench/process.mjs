// Runs a program of this directory, or of another checkout's, in a fresh process and reads the JSON that it prints.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** @throws Error if it fails, hangs, or has not handled as many events as it should. */
export const program = (file, ...values) => programIn(import.meta.dirname, file, ...values);

/** The same in the folder `bench` of a checkout. */
export async function programIn(bench, file, ...values) {
  const command = [join(bench, file), ...values.map(String)];
  const { stdout } = await run(execPath, command, { timeout: 600_000 });
  const result = JSON.parse(stdout);
  if (result.handled === result.expected) return result;
  const lost = `${result.handled} of ${result.expected} events were handled`;
  throw new Error(`${[file, ...values].join(' ')}: ${lost}`);
}
