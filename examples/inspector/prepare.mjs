// Builds the page of the inspector with the packages of examples/angular.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { install, installLibrary } from '../angular/prepare.mjs';

const home = import.meta.dirname;

export async function prepare() {
  await install();
  await installLibrary();
  const modules = join(home, 'node_modules');
  const isLinked = await lstat(modules).catch(() => null);
  if (!isLinked) await symlink('../angular/node_modules', modules, 'junction');
}

/** Builds the page into examples/inspector/dist. */
export async function build() {
  const ng = join(home, 'node_modules/@angular/cli/bin/ng.js');
  const child = spawn(execPath, [ng, 'build', 'inspector', '--no-progress'], {
    cwd: home,
    env: { ...env, NG_BUILD_MAX_WORKERS: '1', NG_CLI_ANALYTICS: 'false' },
    stdio: ['ignore', 2, 2],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 240_000);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  if (code !== 0) throw new Error(`ng build inspector failed with ${code}.`);
}
