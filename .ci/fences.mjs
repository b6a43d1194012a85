// Checks the types of all code that the documentation shows: blocks of TypeScript in README, CHANGELOG and docs/, and
// the @example of docstrings in lib. Each is a module of its own. A block that imports the library imports every name
// that it uses; one without imports continues its page, and gets what it names from the library and RxJS. What belongs
// to the reader (`url`, `show`, `stream`) is declared in fences/given.mjs. What needs Angular's compiler is checked by
// `npm run test:angular`.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit } from 'node:process';
import { blocksOf } from './fences/blocks.mjs';
import { check } from './fences/check.mjs';

const root = join(import.meta.dirname, '..');

const paths = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...filesIn('docs', '.md'),
  ...filesIn('lib', '.ts').filter((path) => !path.startsWith('lib/protocol/')),
].filter((path) => !/^(lib\/angular\/|docs\/angular\.md)/.test(path));
const blocks = paths.flatMap((path) => blocksOf(path, readFileSync(join(root, path), 'utf8')));
const problems = check(root, blocks);
for (const { block, line, message } of problems) {
  console.error(`${block.path}:${line + 1}: ${message}`);
}
const files = new Set(blocks.map(({ path }) => path));
console.log(`${blocks.length} blocks of code in ${files.size} files, ${problems.length} errors`);
if (problems.length > 0) exit(1);

function filesIn(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((path) => path.endsWith(ending) && !/^(node_modules|api)[/\\]/.test(path))
    .sort()
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);
}
