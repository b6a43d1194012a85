// The runtimes that others use: installs the packed package beside them into a folder outside of this one, and lets each
// open a connection from both entries and start the servers of the test kit. Run `npm run build` first.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, exit, platform } from 'node:process';
import { promisify } from 'node:util';
import { pack } from './pack.mjs';

const run = promisify(execFile);
const shell = platform === 'win32';

const installed = [
  'bun@1.4.5',
  'deno@2.9.6',
  'jest@30.5.2',
  'jest-environment-jsdom@30.5.2',
  'vitest@4.1.0',
  'rxjs@7.8.2',
  'zod@4.6.7',
];

const body = `
  const manager = await startFakeManager();
  const servers = [await startStreamServer(), manager];
  for (const { url } of servers) {
    const stream = connectManager({ url, reconnect: false, health: false });
    await stream.connect({ timeout: 20_000 });
    await stream.close();
  }
  const server = await startFakeAppServer();
  const stream = connectAppServer({ url: server.url, reconnect: false });
  const { thread } = await stream.call('thread/start', {});
  if (typeof thread.id !== 'string') throw new Error('no thread');
  await stream.close();
  for (const each of [...servers, server]) await each.close();
`;

const imports = {
  esm: `
    import { connectManager } from 'codex-rx';
    import { connectAppServer } from 'codex-rx/node';
    import { startFakeAppServer, startFakeManager, startStreamServer } from 'codex-rx/testing';`,
  cjs: `
    const { connectManager } = require('codex-rx');
    const { connectAppServer } = require('codex-rx/node');
    const { startFakeAppServer, startFakeManager, startStreamServer } = require('codex-rx/testing');`,
};
const program = (format) => `${imports[format]}
  void (async () => {${body}})().then(() => console.log('connected'), (error) => {
    console.error(error);
    process.exitCode = 1;
  });`;
const spec = (format, from = '') => `${from}${imports[format]}
  test('connects', async () => {${body}}, 60_000);`;

const jest = { transform: {}, testEnvironment: 'jsdom' };
const vitest = (more) => `export default {
  resolve: { conditions: ['browser'] },
  test: { globals: true, ${more} },
};`;
const jestBin = '../node_modules/jest/bin/jest.js';
const bin = (name) => join('..', 'node_modules', '.bin', name);

const runtimes = [
  {
    name: 'node with the condition "browser", esm',
    files: { 'check.mjs': program('esm') },
    args: ['--experimental-websocket', '-C', 'browser', 'check.mjs'],
  },
  {
    name: 'node with the condition "browser", cjs',
    files: { 'check.cjs': program('cjs') },
    args: ['--experimental-websocket', '-C', 'browser', 'check.cjs'],
  },
  {
    name: 'jest with jsdom, cjs',
    files: {
      'check.test.cjs': spec('cjs'),
      'package.json': json({ jest: { ...jest, testMatch: ['**/*.test.cjs'] } }),
    },
    args: [jestBin, '--ci'],
  },
  {
    name: 'jest with jsdom, esm',
    files: { 'check.test.js': spec('esm'), 'package.json': json({ type: 'module', jest }) },
    args: ['--experimental-vm-modules', jestBin, '--ci'],
  },
  ...['', "server: { deps: { inline: ['codex-rx'] } }"].map((more) => ({
    name: `vitest with browser conditions${more && ', inlined'}`,
    files: {
      'check.test.js': spec('esm'),
      'vitest.config.mjs': vitest(more),
      'package.json': json({ type: 'module' }),
    },
    args: ['../node_modules/vitest/vitest.mjs', 'run'],
  })),
  {
    name: 'bun, esm',
    files: { 'check.mjs': program('esm') },
    command: bin('bun'),
    args: ['check.mjs'],
  },
  {
    name: 'bun, cjs',
    files: { 'check.cjs': program('cjs') },
    command: bin('bun'),
    args: ['check.cjs'],
  },
  {
    name: 'deno, esm',
    files: { 'check.mjs': program('esm') },
    command: bin('deno'),
    args: ['run', '-A', '--node-modules-dir=manual', 'check.mjs'],
  },
];

const only = argv[2];
const home = await mkdtemp(join(tmpdir(), 'codex-rx-runtimes-'));
const failed = [];
try {
  await writeFile(join(home, 'package.json'), json({ private: true }));
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--foreground-scripts=false'];
  await run('npm', ['install', ...flags, await pack(home), ...installed], { cwd: home, shell });
  for (const runtime of runtimes) {
    if (only === undefined || runtime.name.includes(only)) await connects(runtime);
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
if (failed.length > 0) exit(1);

async function connects({ name, files, command = execPath, args }) {
  const cwd = join(home, name.replaceAll(/\W+/g, '-'));
  await mkdir(cwd);
  for (const [file, text] of Object.entries(files)) await writeFile(join(cwd, file), text);
  try {
    const env = { ...process.env, NODE_OPTIONS: '', CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0' };
    const { stdout, stderr } = await run(command, args, { cwd, env, shell, timeout: 120_000 });
    if (!/^connected$|^\W*Tests:? +1 passed/m.test(stdout + stderr)) {
      throw Object.assign(new Error('It did not run.'), { stdout, stderr });
    }
    console.log(`ok      ${name}`);
  } catch (error) {
    failed.push(name);
    console.log(`FAILED  ${name}\n${[error.stdout, error.stderr, error.message].join('\n')}`);
  }
}

function json(value) {
  return JSON.stringify(value);
}
