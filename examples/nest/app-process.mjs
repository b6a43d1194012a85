// The built application in a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { createInterface } from 'node:readline';

/** Resolves when it listens. */
export async function startApp(home, settings) {
  const child = spawn(execPath, [join(home, 'dist/main.js')], {
    env: { ...env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = [];
  const url = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('http')) resolve(line);
    });
    exited.then(([code]) => reject(new Error(`The application ended with ${code}.`)));
  });
  return { child, lines, url, exited };
}
