// What the example needs, installed where it is missing: its packages, and codex-rx as users get it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { platform } from 'node:process';

const home = import.meta.dirname;
const root = join(home, '../..');

/** Installs what the lock file of a folder names, unless it is there. */
export async function install(folder = home) {
  const time = async (path) => (await stat(join(folder, path)).catch(() => null))?.mtimeMs ?? 0;
  const [lock, installed] = [
    await time('package-lock.json'),
    await time('node_modules/.package-lock.json'),
  ];
  if (installed < lock) await run('npm', ['ci', '--no-audit', '--no-fund'], folder);
}

/**
 * Packs codex-rx and unpacks it into a folder. A link to it would not do: its imports of Nest would
 * find the packages of the library itself.
 */
export async function installLibrary(folder = home) {
  await run('npm', ['run', '--silent', 'build'], root);
  const target = join(folder, 'node_modules/codex-rx');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', target], root);
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
  const tarball = join(target, `codex-rx-${version}.tgz`);
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], folder);
  await rm(tarball);
}

export async function run(command, args, cwd = home) {
  const child = spawn(command, args, {
    cwd,
    // Nothing of it is for stdout: that is the address of the example.
    stdio: ['ignore', 2, 2],
    shell: platform === 'win32' && command === 'npm',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${code}.`);
}
