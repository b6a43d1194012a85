// Builds the site of the documentation: the pages of docs/, and the reference of the API that typedoc makes. A dead
// link is an error. The site is in docs/.vitepress/dist; `npm run docs -- --open` serves it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { promisify } from 'node:util';
import { install } from './install.mjs';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const bin = (name) => join(root, 'docs/node_modules/.bin', name);

await install(join(root, 'docs'));
await rm(join(root, 'docs/api'), { recursive: true, force: true });
await step('typedoc', ['--options', 'docs/typedoc.json']);
await step('vitepress', argv.includes('--open') ? ['dev', 'docs'] : ['build', 'docs']);
if (!argv.includes('--open')) await searched();

/** The questions of docs/.vitepress/questions.mjs find their pages in the index of the site. */
async function searched() {
  const { stdout } = await run(execPath, [join(root, 'docs/.vitepress/search.mjs')]);
  process.stdout.write(stdout);
}

async function step(name, args) {
  const child = spawn(bin(name), args, { cwd: root, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) exit(1);
}
