// Builds dist/esm and dist/cjs from lib, one tsc pass for each and one for lib/angular (ESM only, with the DOM), and only what changed since the last build: tsc
// compiles the files that a change reaches, and nothing runs if there is none. `--clean` forgets the last build.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { argv, execPath, exit } from 'node:process';

const root = join(import.meta.dirname, '..');
const at = (path) => join(root, path);
/** What the last build that passed was made from: the hash of each file, by its path. */
const record = at('dist/built-from.json');
const settings = [
  'package-lock.json',
  'tsconfig.json',
  '.ci/build.mjs',
  '.ci/tsconfig.esm.json',
  '.ci/tsconfig.cjs.json',
  '.ci/tsconfig.angular.json',
];

/** What has no CommonJS. */
const esmOnly = ['lib/cli', 'lib/angular'].map(at);

const before = argv.includes('--clean') ? null : await builtBefore();
const now = await hashes([...settings, ...(await filesIn('lib'))]);
const changed = before && changes(before, now);
if (changed?.length !== 0) await build();

async function build() {
  const started = performance.now();
  const fromScratch = changed === null || settings.some((path) => changed.includes(path));
  console.error(fromScratch ? 'Building dist …' : `Building dist: ${described(changed)} …`);
  if (fromScratch) await rm(at('dist'), { recursive: true, force: true });
  else await remember({ ...before, ...Object.fromEntries(changed.map((path) => [path, null])) });
  const passed = await Promise.all(['esm', 'cjs', 'angular'].map(tsc));
  if (passed.includes(false)) exit(1);

  await copyData('dist/esm');
  await copyData('dist/cjs', esmOnly);
  await cp(at('dist/angular/angular'), at('dist/esm/angular'), { recursive: true });
  await renameCommonJs(at('dist/cjs'));
  for (const format of ['esm', 'cjs']) await removeOrphans(at(`dist/${format}`));
  const { bin } = JSON.parse(await readFile(at('package.json'), 'utf8'));
  for (const path of Object.values(bin)) await chmod(at(path), 0o755);
  await remember(now);
  console.error(`Built in ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
}

function remember(hashes) {
  return writeFile(record, JSON.stringify(hashes));
}

async function tsc(format) {
  const compiler = at('node_modules/typescript/bin/tsc');
  const remembered = ['--incremental', '--tsBuildInfoFile', at(`dist/${format}.tsbuildinfo`)];
  const command = [compiler, '-p', at(`.ci/tsconfig.${format}.json`), ...remembered];
  const [code] = await once(spawn(execPath, command, { stdio: 'inherit' }), 'exit');
  return code === 0;
}

/** Copies what tsc leaves behind: hand-written declarations, and data like the demo's recording. */
function copyData(target, except = []) {
  const compiled = (path) => path.endsWith('.ts') && !path.endsWith('.d.ts');
  const isData = (path) => !compiled(path) && basename(path) !== 'tsconfig.json';
  const filter = (path) => !except.includes(path) && isData(path);
  return cp(at('lib'), at(target), { recursive: true, filter });
}

/**
 * Makes it .cjs and .d.cts. A package.json of dist/cjs with "type": "commonjs" would do for everything but
 * `#websocket`: Node looks for `imports` in the nearest package.json, and publint forbids them there.
 */
async function renameCommonJs(directory) {
  const relativeImport = /(\b(?:from|import|require)\b\s*\(?\s*)(["'])(\.{1,2}\/[^"'\n]+)\.js\2/g;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const renamed = path.replace(/\.js$/, '.cjs').replace(/\.d\.ts$/, '.d.cts');
    if (renamed === path) continue;
    const code = await readFile(path, 'utf8');
    await writeFile(renamed, code.replaceAll(relativeImport, '$1$2$3.cjs$2'));
    await rm(path);
  }
}

/** Removes what was built from files that are no longer there. */
async function removeOrphans(directory) {
  for (const path of await filesIn(relative(root, directory))) {
    const source = path.replace(relative(root, directory), 'lib');
    const written = source.replace(/(\.d\.c?ts|\.c?js)$/, '.ts');
    const declared = source.replace(/\.d\.cts$/, '.d.ts');
    if (![source, written, declared].some(existsInRoot)) await rm(at(path));
  }
}

async function builtBefore() {
  try {
    return JSON.parse(await readFile(record, 'utf8'));
  } catch {
    return null;
  }
}

function changes(before, now) {
  const paths = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...paths].filter((path) => before[path] !== now[path]);
}

function described(paths) {
  return paths.length === 1 ? `${paths[0]} changed` : `${paths.length} files changed`;
}

async function hashes(paths) {
  const hash = async (path) => [
    path,
    createHash('sha1')
      .update(await readFile(at(path)))
      .digest('base64'),
  ];
  return Object.fromEntries(await Promise.all(paths.map(hash)));
}

/** The paths of all files in it, from the root of the project, with slashes. */
async function filesIn(directory) {
  const entries = await readdir(at(directory), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, '/'));
}

function existsInRoot(path) {
  return existsSync(at(path));
}
