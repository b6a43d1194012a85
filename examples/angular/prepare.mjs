// What the example needs, made where it is missing: its packages, codex-rx as users get it, the built pages.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { install, installLibrary } from '../../.ci/install.mjs';

const home = import.meta.dirname;

export async function prepare() {
  await install(home);
  await installLibrary([home]);
}

/** Builds a project of angular.json: `chat` or `pages`. */
export const build = (project, ...options) => buildIn(home, project, ...options);

/** Builds a project of the angular.json of a folder, with the packages of this one. */
export async function buildIn(folder, project, ...options) {
  const ng = join(home, 'node_modules/@angular/cli/bin/ng.js');
  const child = spawn(execPath, [ng, 'build', project, '--no-progress', ...options], {
    cwd: folder,
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
