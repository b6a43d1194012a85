// What a user gets: packs the built package, unpacks it into throw-away projects and uses it from there.
// Run `npm run build` first.

import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import {
  access,
  constants,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execPath, exit, platform } from 'node:process';
import { promisify } from 'node:util';
import { unexportedTypes } from './declarations.mjs';
import { pack } from './pack.mjs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
const manifest = await readJson(join(root, 'package.json'));

const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object');
const nameOf = (subpath) => manifest.name + subpath.slice(1);
const [esmOnly, dual] = [true, false].map((isEsm) =>
  entries.filter(([, target]) => 'default' in target === isEsm).map(([subpath]) => subpath),
);
const dualNames = dual.map(nameOf);
/** The declarations of its peers do not pass exactOptionalPropertyTypes. */
const lenient = [nameOf('./nats')];
/** Those that need no types of Node; see docs/start.md. */
const universalNames = ['.', './node', './recording', './json-schema'].map(nameOf);
const browserNames = [...universalNames, ...esmOnly.map(nameOf)];
/** The oldest TypeScript that reads the types of what needs no framework; see docs/start.md. */
const oldest = '5.4';
const extensions = { esm: 'js', cjs: 'cjs' };

const temp = await mkdtemp(join(tmpdir(), 'codex-rx-package-'));
const failures = [];
try {
  const tarball = await pack(temp);
  const node = await project('node', tarball, ['@types/node', 'undici-types']);
  const browser = await project('browser', tarball, []);
  const installed = join(node, 'node_modules', manifest.name);

  await check('every path of package.json exists', () => pathsExist(installed));
  await check('every type in a public signature can be imported', () => typesExported(installed));
  for (const name of dualNames) {
    await check(`${name} has the same names in ESM and CommonJS`, () => sameNames(node, name));
  }
  for (const format of Object.keys(extensions)) {
    await check(`#websocket is ws in Node, ${format}`, () => socketInNode(installed, format));
    await check(`#websocket is native in browsers, ${format}`, () =>
      socketInBrowser(installed, format),
    );
  }
  await declareNodeApp(
    node,
    dualNames.filter((name) => !lenient.includes(name)),
  );
  const lenientNode = await project('lenient', tarball, ['@types/node', 'undici-types']);
  await declareNodeApp(lenientNode, lenient, { exactOptionalPropertyTypes: false });
  await declareBrowserApp(browser, browserNames, 'DOM');
  const oldestHome = join(temp, 'oldest');
  await mkdir(oldestHome);
  await run('npm', ['install', '--no-audit', '--no-fund', `typescript@~${oldest}.0`], {
    cwd: oldestHome,
    shell: platform === 'win32',
  });
  const oldestTypescript = join(oldestHome, 'node_modules/typescript');
  const oldestNode = await project('oldest-node', tarball, ['@types/node', 'undici-types']);
  await declareNodeApp(
    oldestNode,
    dualNames.filter((name) => !/\/(nats|nest)$/.test(name)),
  );
  const worker = await project('worker', tarball, []);
  await declareBrowserApp(worker, universalNames, 'WebWorker');
  await Promise.all(
    ['typescript-5.9', 'typescript'].flatMap((compiler) => [
      check(`declarations compile in Node, ${compiler}`, () => compiles(compiler, node)),
      check(`those of ${lenient.join(', ')} too, ${compiler}`, () =>
        compiles(compiler, lenientNode),
      ),
      check(`declarations compile in a browser, ${compiler}`, () => compiles(compiler, browser)),
    ]),
  );
  await check(`TypeScript ${oldest} reads them in Node`, () =>
    compiles(oldestTypescript, oldestNode),
  );
  await check(`TypeScript ${oldest} reads them in a worker`, () =>
    compiles(oldestTypescript, worker),
  );
  await check('publint', () => publintIsClean(installed));
  await check('attw --profile node16', () => attwIsClean(tarball, 'node16', dual));
  await check('attw --profile esm-only', () => attwIsClean(tarball, 'esm-only', esmOnly));
} finally {
  await rm(temp, { recursive: true, force: true });
}
if (failures.length > 0) exit(1);

async function check(name, test) {
  try {
    await test();
    console.log(`ok      ${name}`);
  } catch (error) {
    failures.push(name);
    const reason = [error.stdout, error.stderr].join('').trim() || error.message;
    console.log(`FAILED  ${name}\n${reason.replaceAll(/^/gm, '        ')}`);
  }
}

/** A project with the package and with what npm would put beside it, linked from here: works offline. */
async function project(name, tarball, alsoInstalled) {
  const home = join(temp, name);
  const target = join(home, 'node_modules', manifest.name);
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  const installs = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const dependency of [...installs, ...alsoInstalled]) {
    const link = join(home, 'node_modules', dependency);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(modules, dependency), link, 'junction');
  }
  return home;
}

async function pathsExist(installed) {
  const targets = [manifest.exports, manifest.imports, manifest.bin].flatMap(leaves);
  for (const target of targets) await access(join(installed, target));
  for (const [subpath, target] of entries) {
    const { import: esm = target, require: cjs = target } = target;
    for (const part of ['types', 'default']) {
      expect(esm?.[part], `"${subpath}" has no import.${part}`);
      expect(cjs?.[part], `"${subpath}" has no require.${part}`);
    }
  }
  for (const bin of Object.values(manifest.bin)) {
    const path = join(installed, bin);
    await access(path, constants.X_OK);
    const source = await readFile(path, 'utf8');
    expect(source.startsWith('#!/usr/bin/env node\n'), `${bin} has no shebang`);
  }
}

function typesExported(installed) {
  const paths = entries.map(([, target]) => (target.import ?? target).types);
  const missing = unexportedTypes(installed, paths);
  expect(missing.length === 0, missing.join('\n'));
}

function leaves(tree) {
  return typeof tree === 'string' ? [tree] : Object.values(tree).flatMap(leaves);
}

async function sameNames(home, name) {
  const quoted = JSON.stringify(name);
  const esm = await evaluate(
    home,
    'module',
    `import * as entry from ${quoted};
     print({ path: import.meta.resolve(${quoted}), names: Object.keys(entry) })`,
  );
  const cjs = await evaluate(
    home,
    'commonjs',
    `print({ path: require.resolve(${quoted}), names: Object.keys(require(${quoted})) })`,
  );
  expect(esm.path.includes('/dist/esm/'), `import loads ${esm.path}`);
  expect(/[\\/]dist[\\/]cjs[\\/]/.test(cjs.path), `require loads ${cjs.path}`);
  expect(esm.names.length > 0, 'it exports nothing');
  const onlyIn = (some, others) => some.filter((each) => !others.includes(each)).join(', ') || '-';
  const difference = [onlyIn(esm.names, cjs.names), onlyIn(cjs.names, esm.names)];
  expect(
    difference.every((names) => names === '-'),
    `only in ESM: ${difference[0]}; only in CommonJS: ${difference[1]}`,
  );
}

/** Runs code in a Node process of its own and returns what it hands to print(). */
async function evaluate(cwd, type, code) {
  const print = 'const print = (value) => console.log(JSON.stringify(value));';
  const flags = [`--input-type=${type}`, '--experimental-import-meta-resolve'];
  const { stdout } = await run(execPath, [...flags, '--eval', print + code], { cwd });
  return JSON.parse(stdout);
}

async function socketInNode(installed, format) {
  const dist = join(installed, 'dist', format);
  const file = JSON.stringify(join(dist, `index.${extensions[format]}`));
  const resolve = {
    esm: `import { pathToFileURL, fileURLToPath } from 'node:url';
          const path = fileURLToPath(import.meta.resolve('#websocket', pathToFileURL(${file})));
          print({ path, names: Object.keys(await import(pathToFileURL(path))) })`,
    cjs: `const path = require('node:module').createRequire(${file}).resolve('#websocket');
          print({ path, names: Object.keys(require(path)) })`,
  };
  const type = { esm: 'module', cjs: 'commonjs' }[format];
  const { path, names } = await evaluate(installed, type, resolve[format]);
  expect(path === join(dist, 'node', `websocket.${extensions[format]}`), `it is ${path}`);
  expect(names.includes('openWebSocket'), `it exports no openWebSocket, only ${names.join(', ')}`);
}

async function socketInBrowser(installed, format) {
  const load = { esm: `export * from '${manifest.name}'`, cjs: `require('${manifest.name}')` };
  const { metafile } = await build({
    stdin: { contents: load[format], resolveDir: dirname(dirname(installed)) },
    absWorkingDir: installed,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const dist = `dist/${format}`;
  const native = `${dist}/socket/native.${extensions[format]}`;
  const files = Object.keys(metafile.inputs);
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(files.includes(native), `${native} is not in the bundle`);
  const fromNode = files.filter((file) => file.startsWith(`${dist}/node/`));
  expect(fromNode.length === 0, `the bundle holds ${fromNode.join(', ')}`);
  expect(!imports.some(({ path }) => path === 'ws'), 'the bundle imports ws');
}

/** Every entry for Node, once as a module imports it and once as CommonJS requires it; no DOM types. */
async function declareNodeApp(home, names, options = {}) {
  const esm = names.map((name, i) => `export * as entry${i} from '${name}';`);
  const cjs = names.map((name, i) => `import entry${i} = require('${name}'); entry${i};`);
  await writeFile(join(home, 'esm.mts'), esm.join('\n'));
  await writeFile(join(home, 'cjs.cts'), cjs.join('\n'));
  await writeConfig(home, ['esm.mts', 'cjs.cts'], {
    module: 'NodeNext',
    lib: ['ES2022'],
    types: ['node'],
    ...options,
  });
}

/** What a page or a worker imports, as its bundler resolves it; no types of Node, they are not even installed. */
async function declareBrowserApp(home, names, lib) {
  const app = names.map((name, i) => `export * as entry${i} from '${name}';`);
  await writeFile(join(home, 'app.ts'), app.join('\n'));
  await writeConfig(home, ['app.ts'], {
    module: 'ESNext',
    moduleResolution: 'Bundler',
    lib: ['ES2022', lib],
    types: [],
  });
}

async function writeConfig(home, files, options) {
  const compilerOptions = {
    target: 'ES2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    ...options,
  };
  await writeFile(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
}

async function compiles(compiler, home) {
  await run(execPath, [resolve(modules, compiler, 'bin/tsc'), '-p', home], { cwd: home });
}

async function publintIsClean(installed) {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  const texts = messages.map((message) => formatMessage(message, pkg, { color: false }));
  expect(texts.length === 0, texts.join('\n'));
}

async function attwIsClean(tarball, profile, subpaths) {
  const attw = join(modules, '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const options = ['--profile', profile, '--no-color', '--no-emoji'];
  await run(execPath, [attw, tarball, ...options, '--entrypoints', ...subpaths]);
}

async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

function expect(condition, message) {
  if (!condition) throw new Error(message);
}
