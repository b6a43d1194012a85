// What a chat transfers before it starts, without codex-rx and with it: `node examples/angular/sizes.mjs`.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, prepare } from './prepare.mjs';

await prepare();
const rows = {};
for (const name of ['without', 'with']) {
  const folder = `dist/sizes/${name}`;
  await build('pages', '--browser', `pages/${name}.ts`, '--output-path', folder);
  const browser = join(import.meta.dirname, folder, 'browser');
  const scripts = (await readdir(browser)).filter((file) => file.endsWith('.js'));
  const files = await Promise.all(scripts.map((file) => readFile(join(browser, file))));
  const total = (sizeOf) => files.reduce((sum, file) => sum + sizeOf(file).length, 0) / 1_000;
  rows[name] = {
    minified: total((file) => file),
    gzip: total((file) => gzipSync(file, { level: 9 })),
    brotli: total((file) => brotliCompressSync(file)),
  };
}
console.table(rows);
