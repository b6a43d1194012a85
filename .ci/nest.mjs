// codex-rx/nest in Nest 12 and Nest 11: installs examples/nest and examples/nest/nest-11 where that is needed, checks the
// types of the specs with both, and runs the specs; then what users get: each folder is a project that is built and run
// from the packed package, and so is what docs/nest.md shows.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath, exit, platform } from 'node:process';
import { install, installLibrary } from './install.mjs';

const root = join(import.meta.dirname, '..');
const homes = { 12: 'examples/nest', 11: 'examples/nest/nest-11' };
const compilers = ['typescript', 'typescript-5.9'];

for (const home of Object.values(homes)) await install(join(root, home));

for (const compiler of compilers) {
  const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
  await step(`types with Nest 12, ${compiler}`, execPath, [tsc, '-p', 'spec/nest', '--noEmit']);
  const eleven = 'spec/nest/tsconfig.nest-11.json';
  await step(`types with Nest 11, ${compiler}`, execPath, [tsc, '-p', eleven, '--noEmit']);
}

for (const [version, home] of Object.entries(homes)) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = ['node_modules/jest/bin/jest.js', '--config=.ci/jest.nest.config.mjs', '--silent'];
  await step(`specs with Nest ${version}`, execPath, [...flags, ...jest], { NEST_HOME: home });
}

await installLibrary(Object.values(homes).map((home) => join(root, home)));
for (const [version, home] of Object.entries(homes)) {
  const cwd = join(root, home);
  // The same sources, which would find Nest 12 where they are.
  const sources = join(root, 'examples/nest/src');
  if (version === '11') await cp(sources, join(cwd, 'src'), { recursive: true });
  const tsc = join(cwd, 'node_modules/typescript/bin/tsc');
  await step(`build with Nest ${version}`, execPath, [tsc, '-p', cwd]);
  await step(`run with Nest ${version}`, execPath, [join(root, 'examples/nest/check.mjs'), cwd]);
}

await step('the page, followed', execPath, [join(root, '.ci/follow-nest.mjs')]);

async function step(name, command, args, settings = {}) {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    env: { ...env, ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: platform === 'win32' && command === 'npm',
  });
  const [code] = await once(child, 'exit');
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}, ${seconds} s`);
  if (code !== 0) exit(1);
}
