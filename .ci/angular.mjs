// codex-rx/angular as applications have it. Installs examples/angular where that is needed, with the packed library,
// then: the types for each Angular that the entry is for, every block of code in its documentation with Angular's
// compiler, the specs of TestBed without zone.js and with it, and in Chromium production builds and the documentation,
// followed. Needs Chromium: /usr/bin/chromium or $CHROMIUM.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath, exit } from 'node:process';
import { build } from '../examples/angular/prepare.mjs';
import { install, installLibrary } from './install.mjs';
import { writeFences } from './fences/angular.mjs';

const root = join(import.meta.dirname, '..');
const home = join(root, 'examples/angular');

/** Where each Angular is, from the folder of a consumer upward, and the TypeScript that goes with it. */
const consumers = [
  { folder: join(root, 'dist/angular-20'), packages: root, typescript: 'typescript-5.9' },
  { folder: home, packages: home, typescript: 'typescript-5.9' },
  { folder: join(home, 'angular-22'), typescript: 'typescript' },
].map((consumer) => ({ packages: consumer.folder, ...consumer }));

await step('install', async () => {
  await install(home);
  await install(join(home, 'angular-22'));
  await installLibrary(consumers.map(({ folder }) => folder));
});
await Promise.all(consumers.map((consumer) => step('types', () => compiles(consumer))));
await step('documentation', async () => {
  const { folder, count } = await writeFences(home);
  await node(['node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js', '-p', folder], home);
  return `${count} blocks of code`;
});
await step('specs', () =>
  node([
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--config=.ci/jest.angular.config.mjs',
    '--maxWorkers=2',
    '--silent',
  ]),
);
for (const project of ['chat', 'pages']) await step(`build ${project}`, () => build(project));
await step('documentation, followed', () => node(['.ci/follow-angular.mjs']));
for (const page of ['chat', 'burst']) {
  await step(`${page} in Chromium`, () => node([`spec/angular/browser/${page}.mjs`]));
}

/** Compiles what an application writes, as a bundler and Node resolve it, declarations included. */
async function compiles({ folder, packages, typescript }) {
  const versionOf = async (path) => JSON.parse(await readFile(join(path, 'package.json'))).version;
  const compiler = join(root, 'node_modules', typescript);
  const consumer = join(folder, 'dist/consumer');
  await mkdir(consumer, { recursive: true });
  await copyFile(join(root, 'spec/angular/consumer.ts'), join(consumer, 'consumer.ts'));
  for (const [module, moduleResolution] of [
    ['ESNext', 'bundler'],
    ['NodeNext', 'NodeNext'],
  ]) {
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'ES2022', types: [], noEmit: true },
      lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'],
      ...{ strict: true, skipLibCheck: false, experimentalDecorators: true },
    };
    const settings = JSON.stringify({ compilerOptions, files: ['consumer.ts'] });
    await writeFile(join(consumer, 'tsconfig.json'), settings);
    await writeFile(join(consumer, 'package.json'), '{ "type": "module" }');
    await node([join(compiler, 'lib/tsc.js'), '-p', consumer]);
  }
  const angular = await versionOf(join(packages, 'node_modules/@angular/core'));
  return `Angular ${angular}, TypeScript ${await versionOf(compiler)}, bundler and nodenext`;
}

async function node(args, cwd = root) {
  const child = spawn(execPath, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}.`);
}

async function step(name, run) {
  const started = performance.now();
  const after = () => `${((performance.now() - started) / 1_000).toFixed(0)} s`;
  try {
    const what = await run();
    console.log(`ok      ${name}${what ? `, ${what}` : ''}, ${after()}`);
  } catch (error) {
    console.log(`FAILED  ${name}, ${after()}\n${error.message}`);
    exit(1);
  }
}
