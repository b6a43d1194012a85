// Builds dist/esm and dist/cjs from lib, one tsc pass for each.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath, exit } from 'node:process';

const root = join(import.meta.dirname, '..');
const at = (path) => join(root, path);
const { bin } = JSON.parse(await readFile(at('package.json'), 'utf8'));

await rm(at('dist'), { recursive: true, force: true });
const passed = await Promise.all([tsc('.ci/tsconfig.esm.json'), tsc('.ci/tsconfig.cjs.json')]);
if (passed.includes(false)) exit(1);

await copyData('dist/esm');
await copyData('dist/cjs', at('lib/cli'));
await renameCommonJs(at('dist/cjs'));
for (const path of Object.values(bin)) await chmod(at(path), 0o755);

async function tsc(project) {
  const compiler = at('node_modules/typescript/bin/tsc');
  const child = spawn(execPath, [compiler, '-p', at(project)], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

/** Copies what tsc leaves behind: hand-written declarations, and data like the demo's recording. */
function copyData(target, except) {
  const compiled = (path) => path.endsWith('.ts') && !path.endsWith('.d.ts');
  const filter = (path) => path !== except && !compiled(path);
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
