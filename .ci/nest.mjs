// codex-rx/nest in Nest 12 and Nest 11: installs examples/nest and examples/nest/nest-11 where that is needed, checks the
// types of the specs and of the guide with both, and runs the specs; then what users get: each folder is a project that
// is built and run from the packed package, and so is what docs/nest.md shows. Two programs run at a time.

import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath, exit } from 'node:process';
import { install, installLibrary } from './install.mjs';

const root = join(import.meta.dirname, '..');
const versions = [
  // With the other compiler: `npm run test:types`.
  { version: 12, home: 'examples/nest', project: 'spec/nest', compilers: ['typescript-5.9'] },
  {
    version: 11,
    home: 'examples/nest/nest-11',
    project: 'spec/nest/tsconfig.nest-11.json',
    compilers: ['typescript', 'typescript-5.9'],
  },
];
const running = new Set();
const sources = join(root, 'examples/nest/src');

await both(async ({ home }) => install(join(root, home)));

await build({
  entryPoints: ['index', 'nest/index', 'recording/index', 'testing/index'].map((name) =>
    join(root, `lib/${name}.ts`),
  ),
  outdir: join(root, 'dist/nest-specs'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  alias: {
    '#websocket': join(root, 'lib/node/websocket.ts'),
    '#secret-rules': join(root, 'lib/node/secretlint.ts'),
  },
});

const steps = versions.flatMap(({ version, home, project, compilers }) => [
  ...compilers.map((compiler) => () => {
    const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
    const remembered = join(root, home, `node_modules/.cache/${compiler}.tsbuildinfo`);
    const command = [tsc, '-p', project, '--noEmit', '--incremental'];
    const name = `types with Nest ${version}, ${compiler}`;
    return step(name, [...command, '--tsBuildInfoFile', remembered]);
  }),
  () => {
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const jest = ['node_modules/jest/bin/jest.js', '--config=.ci/jest.nest.config.mjs', '--silent'];
    return step(`specs with Nest ${version}`, [...flags, ...jest], { NEST_HOME: home });
  },
]);
await both(async () => {
  for (let next; (next = steps.shift());) await next();
});

await installLibrary(versions.map(({ home }) => join(root, home)));
await both(async ({ version, home }) => {
  const cwd = join(root, home);
  // The same sources, which would find Nest 12 where they are.
  if (version === 11) await cp(sources, join(cwd, 'src'), { recursive: true });
  const tsc = join(cwd, 'node_modules/typescript/bin/tsc');
  await step(`build with Nest ${version}`, [tsc, '-p', cwd]);
  await step(`run with Nest ${version}`, [join(root, 'examples/nest/check.mjs'), cwd]);
});

await step('the page, followed', [join(root, '.ci/follow-nest.mjs')]);

function both(task) {
  return Promise.all(versions.map(task));
}

/** Runs a program of Node, and prints what it has said when it has ended: two run at a time. */
async function step(name, args, settings = {}) {
  const started = performance.now();
  const child = spawn(execPath, args, {
    cwd: root,
    env: { ...env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text) => (said += text));
  }
  const [code] = await once(child, 'close');
  running.delete(child);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${said}${code === 0 ? 'ok    ' : 'FAILED'}  ${name}, ${seconds} s`);
  if (code === 0) return;
  for (const other of running) other.kill();
  exit(1);
}
