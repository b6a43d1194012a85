// The page of the inspector: builds it into dist/inspector, with the packages of examples/angular, and drives it in
// Chromium. `--build` only builds it, `--screenshots` takes the images of the docs instead.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { gzipSync } from 'node:zlib';
import { build, prepare } from '../examples/inspector/prepare.mjs';

const root = join(import.meta.dirname, '..');
const page = join(root, 'dist/inspector');
/** In bytes, gzipped. */
const budget = 200_000;

await prepare();
await build();
await rm(page, { recursive: true, force: true });
await cp(join(root, 'examples/inspector/dist'), page, { recursive: true });

const files = await readdir(page, { recursive: true, withFileTypes: true });
let size = 0;
for (const { parentPath, name } of files.filter((entry) => entry.isFile())) {
  size += gzipSync(await readFile(join(parentPath, name)), { level: 9 }).length;
}
console.log(`The page of the inspector has ${size} bytes gzipped, at most ${budget}.`);
if (size > budget) exit(1);

if (!argv.includes('--build')) {
  const isForDocs = argv.includes('--screenshots');
  const specs = ['morning', 'inbox', 'page', 'recording', 'command', 'gateway'];
  for (const spec of isForDocs ? ['screenshots'] : specs) {
    const child = spawn(execPath, [`spec/inspector/${spec}.mjs`], { cwd: root, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) exit(1);
  }
}
