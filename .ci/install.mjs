// Installs what the lock file of a folder names, unless it is there.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { platform } from 'node:process';

const root = join(import.meta.dirname, '..');

export async function install(folder) {
  const [lock, installed] = await Promise.all(
    ['package-lock.json', 'node_modules/.package-lock.json'].map(async (path) => {
      const found = await stat(join(root, folder, path)).catch(() => null);
      return found?.mtimeMs ?? 0;
    }),
  );
  if (installed >= lock) return;
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: join(root, folder),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: platform === 'win32',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`npm ci failed in ${folder}`);
}
