// Runs a program several times, each in a process of its own, some at once.

import { execFile } from 'node:child_process';
import { execPath } from 'node:process';

/** How many run at once: each leaves its core idle for half of the time. */
const atOnce = 3;

/**
 * Resolves with what each of them said, in order.
 *
 * @param ended Is called when one has ended.
 */
export async function inProcesses(file, commands, ended) {
  const results = [];
  const left = [...commands.entries()];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [n, values] = next;
      results[n] = await program([file, ...values.map(String)]);
      ended();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

const program = (command) =>
  new Promise((resolve) => {
    // It says itself when it hangs, unless it cannot.
    execFile(execPath, command, { timeout: 450_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? 1) : 0, output: `${stderr}${stdout}`.trim() });
    });
  });
