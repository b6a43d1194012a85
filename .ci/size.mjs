// What codex-rx costs in a browser, bundled with esbuild from dist/esm without rxjs, and that nothing of it
// needs a content security policy with 'unsafe-eval'. Run `npm run build` first.

import { build } from 'esbuild';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exit } from 'node:process';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const core = './dist/esm/index.js';

// A budget holds what there is today; `goal` is what the redesign wants, and is printed.
const bundles = [
  { name: 'everything', code: `export * from '${core}'`, budget: 55_700 },
  {
    name: '{ connectManager, ofAppServer }',
    code: `export { connectManager, ofAppServer } from '${core}'`,
    budget: 32_700,
    goal: 21_100,
  },
  {
    name: '{ createRouter, ofAppServer }',
    code: `export { createRouter, ofAppServer } from '${core}'`,
    budget: 7_100,
    goal: 5_800,
  },
  {
    name: '{ createThreadFold }',
    code: `export { createThreadFold } from '${core}'`,
    budget: 4_600,
    goal: 3_500,
  },
  {
    name: 'lib/state',
    code: "export * from './dist/esm/state/index.js'",
    budget: 16_600,
    goal: 8_000,
  },
  { name: '{ ofAppServer }', code: `export { ofAppServer } from '${core}'`, budget: 750 },
  {
    name: 'codex-rx/recording',
    code: "export * from './dist/esm/recording/index.js'",
    budget: 18_500,
  },
  {
    name: 'angular, over the core',
    code: `export * from './dist/esm/angular/index.js'`,
    external: ['@angular/core', ...roomsExcept('angular')],
    budget: 3_500,
    goal: 3_500,
  },
  {
    name: 'nest, over the core',
    code: `export * from './dist/esm/nest/index.js'`,
    external: ['@nestjs/*', ...roomsExcept('nest')],
    budget: 3_650,
  },
  // For Node and for tests: what counts is that they do not grow unseen.
  ...[
    ['node', 'node/index.js', 5_100],
    ['gateway', 'gateway/index.js', 15_100],
    ['nats', 'nats/index.js', 19_750],
    ['json-schema', 'json-schema/index.js', 300],
    ['testing', 'testing/index.js', 36_600],
    ['testing/transcript', 'testing/transcript/index.js', 7_450],
    ['angular/testing', 'angular/testing/index.js', 2_050],
  ].map(([name, file, budget]) => ({
    name: `${name}, over the core`,
    code: `export * from './dist/esm/${file}'`,
    external: roomsExcept(name.split('/')[0]),
    isForNode: true,
    budget,
  })),
];
/** 45 and 2, and the 12 of lib/state. */
const mostValues = 59;

const forBrowsers = { platform: 'browser' };
const forNode = { platform: 'node', packages: 'external' };

const problems = [];
const rows = [];
for (const { name, code, external = [], isForNode, budget, goal = budget } of bundles) {
  const source = await bundle(code, external, isForNode ? forNode : forBrowsers);
  const gzip = gzipSync(source, { level: 9 }).length;
  rows.push({ bundle: name, minified: source.length, gzip, budget, goal });
  if (gzip > budget) problems.push(`${name}: ${gzip} B gzipped is over the budget of ${budget} B`);
  for (const found of evalIn(source)) problems.push(`${name}: evaluates code: …${found}…`);
}

console.table(rows);

const values = Object.keys(await import(join(root, core))).sort();
console.log(
  `${values.length} values exported by the core, at most ${mostValues}: ${values.join(', ')}`,
);
if (values.length > mostValues) problems.push(`the core exports more than ${mostValues} values`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) exit(1);

/** The files of all rooms of lib but one. */
function roomsExcept(own) {
  const entries = readdirSync(join(root, 'dist/esm'), { withFileTypes: true });
  const rooms = entries.filter((entry) => entry.isDirectory() && entry.name !== own);
  return rooms.map(({ name }) => `./dist/esm/${name}/*`);
}

async function bundle(contents, external, platform) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    ...platform,
    external: ['rxjs', 'rxjs/*', ...external],
    legalComments: 'none',
    tsconfigRaw: {}, // or esbuild takes `#websocket` from the paths of tsconfig.json
    write: false,
  });
  return outputFiles[0].text;
}

/** Every mention of eval( and of the constructor Function, also under another name (`let F = Function`). */
function evalIn(source) {
  return [...source.matchAll(/(?<![\w$])(?:eval\s*\(|Function\b)/g)]
    .filter(({ index }) => !/instanceof\s*$/.test(source.slice(0, index)))
    .map(({ index }) => source.slice(Math.max(0, index - 40), index + 40));
}
