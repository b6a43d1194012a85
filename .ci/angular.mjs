// codex-rx/angular in Angular 21: installs examples/angular where that is needed, and runs the specs of TestBed, without
// zone.js and with it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath, exit, platform } from 'node:process';

const root = join(import.meta.dirname, '..');

await install('examples/angular');
await step('specs', execPath, [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--config=.ci/jest.angular.config.mjs',
  '--maxWorkers=2',
  '--silent',
]);

/** Installs what the lock file of a folder names, unless it is there. */
async function install(folder) {
  const [lock, installed] = await Promise.all(
    ['package-lock.json', 'node_modules/.package-lock.json'].map(async (path) => {
      const found = await stat(join(root, folder, path)).catch(() => null);
      return found?.mtimeMs ?? 0;
    }),
  );
  if (installed < lock)
    await step(`install ${folder}`, 'npm', ['ci', '--no-audit', '--no-fund'], folder);
}

async function step(name, command, args, folder = '') {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: join(root, folder),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: platform === 'win32',
  });
  const [code] = await once(child, 'exit');
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}, ${seconds} s`);
  if (code !== 0) exit(1);
}
