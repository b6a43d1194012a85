// Installs what a folder with its own lock file needs: its packages, and codex-rx as users get it. Prints to stderr alone:
// stdout belongs to what is started then.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { pack } from './pack.mjs';

const root = join(import.meta.dirname, '..');

/** Installs what the lock file of a folder names, unless it is there. */
export async function install(folder) {
  const time = async (path) => (await stat(join(folder, path)).catch(() => null))?.mtimeMs ?? 0;
  const [lock, installed] = await Promise.all(
    ['package-lock.json', 'node_modules/.package-lock.json'].map(time),
  );
  if (installed < lock) await run('npm', ['ci', '--no-audit', '--no-fund'], folder);
}

/**
 * Builds and packs codex-rx, and unpacks it in these folders. A link to it would not do: its imports of
 * a framework would find the packages of the library itself.
 */
export async function installLibrary(folders) {
  await run('npm', ['run', '--silent', 'build'], root);
  const packed = await mkdtemp(join(tmpdir(), 'codex-rx-packed-'));
  const tarball = await pack(packed);
  for (const folder of folders) {
    const target = join(folder, 'node_modules/codex-rx');
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], folder);
  }
  await rm(packed, { recursive: true });
}

export async function run(command, args, cwd) {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 2, 2],
    shell: platform === 'win32' && command === 'npm',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${code}.`);
}
