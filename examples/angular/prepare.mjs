// What the example needs, made where it is missing: its packages, codex-rx as users get it, the built pages.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath, platform } from 'node:process';
import { pack } from '../../.ci/pack.mjs';

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
 * Packs codex-rx and unpacks it in these folders. A link to it would not do: its imports of Angular would
 * find the packages of the library itself.
 */
export async function installLibrary(folders = [home]) {
  await run('npm', ['run', '--silent', 'build'], root);
  for (const folder of folders) {
    const target = join(folder, 'node_modules/codex-rx');
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', await pack(target), '-C', target, '--strip-components=1'], home);
  }
}

/** Builds a project of angular.json: `chat` or `pages`. */
export async function build(project, ...options) {
  const ng = join(home, 'node_modules/@angular/cli/bin/ng.js');
  const child = spawn(execPath, [ng, 'build', project, '--no-progress', ...options], {
    cwd: home,
    env: { ...env, NG_BUILD_MAX_WORKERS: '1', NG_CLI_ANALYTICS: 'false' },
    stdio: ['ignore', 'pipe', 2],
  });
  const end = () => child.kill('SIGKILL');
  let output = '';
  let ending = setTimeout(end, 240_000);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text);
    output += text;
    if (!output.includes('Output location')) return;
    // All is written. The process of a build that went well does not always end by itself.
    clearTimeout(ending);
    ending = setTimeout(end, 3_000);
  });
  const [code] = await once(child, 'close');
  clearTimeout(ending);
  const isComplete = output.includes('bundle generation complete');
  if (code || !isComplete) throw new Error(`ng build ${project} failed with ${code}.`);
}

async function run(command, args, cwd) {
  const child = spawn(command, args, {
    cwd,
    // Nothing of it is for stdout: that is the address of the example.
    stdio: ['ignore', 2, 2],
    shell: platform === 'win32' && command === 'npm',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${code}.`);
}
