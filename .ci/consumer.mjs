// What a stranger's project gets: installs the packed package and other test frameworks from the registry into a folder
// outside of this one, and runs each example of docs/testing there as it stands: in jest, vitest and node:test, as ES
// modules and as CommonJS. Run `npm run build` first.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, exit, platform } from 'node:process';
import { promisify } from 'node:util';
import ts from 'typescript';
import { examplesOf } from './examples.mjs';
import { pack } from './pack.mjs';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const shell = platform === 'win32';

const installed = [
  'jest@30.5.2',
  '@jest/globals@30.5.2',
  'vitest@4.1.0',
  'rxjs@7.5.0',
  'zod@4.6.7',
];

/** Each framework: where `test` comes from, and how its tests are run. */
const frameworks = [
  { name: 'node:test', format: 'esm', from: 'node:test', args: ['--test'] },
  { name: 'node:test', format: 'cjs', from: 'node:test', args: ['--test'] },
  {
    name: 'jest',
    format: 'esm',
    from: '@jest/globals',
    args: ['--experimental-vm-modules', '../node_modules/jest/bin/jest.js', '--ci'],
  },
  {
    name: 'jest',
    format: 'cjs',
    from: '@jest/globals',
    args: ['../node_modules/jest/bin/jest.js', '--ci'],
  },
  {
    name: 'vitest',
    format: 'esm',
    from: 'vitest',
    args: ['../node_modules/vitest/vitest.mjs', 'run'],
  },
];

const examples = await examplesOf(join(root, 'docs', 'testing'));
const home = await mkdtemp(join(tmpdir(), 'codex-rx-consumer-'));
const failed = [];
try {
  await writeFile(join(home, 'package.json'), '{ "private": true }');
  await run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', await pack(home), ...installed],
    {
      cwd: home,
      shell,
    },
  );
  for (const framework of frameworks) await runsIn(framework);
} finally {
  await rm(home, { recursive: true, force: true });
}
if (failed.length > 0) exit(1);

async function runsIn({ name, format, from, args }) {
  const cwd = join(home, `${name.replace(':', '-')}-${format}`);
  await mkdir(cwd);
  const type = format === 'esm' ? 'module' : 'commonjs';
  await writeFile(join(cwd, 'package.json'), JSON.stringify({ type, jest: { transform: {} } }));
  for (const { title, code } of examples) {
    const source = `import { test } from '${from}';\n${code}`;
    await writeFile(join(cwd, `${title}.test.js`), compiled(source, format));
  }
  const label = `${examples.length} examples in ${name}, ${format}`;
  try {
    const env = { ...process.env, NODE_OPTIONS: '', CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0' };
    const { stdout, stderr } = await run(execPath, args, { cwd, env });
    const ran = new RegExp(
      `^\\W*(pass ${examples.length}|Tests:? +${examples.length} passed)\\b`,
      'm',
    );
    if (!ran.test(stdout + stderr))
      throw Object.assign(new Error('Not all of them ran.'), { stdout, stderr });
    console.log(`ok      ${label}`);
  } catch (error) {
    failed.push(label);
    console.log(`FAILED  ${label}\n${[error.stdout, error.stderr, error.message].join('\n')}`);
  }
}

function compiled(source, format) {
  const module = format === 'esm' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
  const compilerOptions = { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
