// What the example needs, made where it is missing: its packages, codex-rx as users get it, the built pages.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath, platform } from 'node:process';

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
 * Packs codex-rx and unpacks it here. A link to it would not do: its imports of Angular would find the
 * packages of the library itself.
 */
export async function installLibrary() {
  await run('npm', ['run', '--silent', 'build'], root);
  const target = join(home, 'node_modules/codex-rx');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', target], root);
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
  const tarball = join(target, `codex-rx-${version}.tgz`);
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], home);
  await rm(tarball);
}

/** Builds a project of angular.json: `chat` or `pages`. */
export async function build(project, ...options) {
  const ng = join(home, 'node_modules/@angular/cli/bin/ng.js');
  // With its usual workers the build often does not end.
  const settings = { NG_BUILD_MAX_WORKERS: '1', NG_CLI_ANALYTICS: 'false' };
  await run(execPath, [ng, 'build', project, '--no-progress', ...options], home, settings);
}

async function run(command, args, cwd, settings = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...env, ...settings },
    // Nothing of it is for stdout: that is the address of the example.
    stdio: ['ignore', 2, 2],
    shell: platform === 'win32' && command === 'npm',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${code}.`);
}
