// All specs of a room in one file, for `npm run mutants`: jest takes half a second to load the modules of a spec,
// and would load them anew for each mutant. Stryker runs this where it has put the mutants in. For a mutant with a
// name there is one spec, and a change of the code of one file.

import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

const [, , room, outfile = 'mutants/all.spec.mjs', only = '', changed = 'null'] = argv;
/** What becomes of some code of a file, which has to be there once. */
const change = JSON.parse(changed);

const specs = readdirSync(`spec/${room}`)
  .filter((name) => name.endsWith('.spec.ts') && name.startsWith(only))
  // Of types nothing runs, and what an editor shows comes from the code that it reads.
  .filter((name) => !name.endsWith('.types.spec.ts') && !usesEditor(name));

function usesEditor(name) {
  return readFileSync(`spec/${room}/${name}`, 'utf8').includes("'../support/editor.js'");
}

/** Each in a `describe`, so that its hooks stay its own. */
const described = specs.map(
  (name) => `describe('${name}', () => void require('./spec/${room}/${name}'));`,
);

await build({
  stdin: {
    // A counterexample is enough; a shorter one is not looked for.
    contents: [
      "import { describe } from '@jest/globals';",
      "import { configureGlobal } from 'fast-check';",
      'configureGlobal({ endOnFailure: true });',
      ...described,
    ].join('\n'),
    resolveDir: '.',
  },
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['@jest/globals', '@secretlint/*', 'esbuild', 'ws'],
  alias: {
    '#websocket': './lib/node/websocket.ts',
    '#secret-rules': './lib/node/secretlint.ts',
  },
  plugins: [{ name: 'own url', setup: keepOwnUrl }],
});

/** What a file finds beside itself, it still finds there. */
function keepOwnUrl({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const url = JSON.stringify(pathToFileURL(path));
    const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', url);
    return { contents: mutated(path, hasty(contents)), loader: 'ts' };
  });
}

/** A mutant that survives costs every run of a property; most others are noticed by one of the first. */
function hasty(contents) {
  if (change !== null) return contents;
  return contents.replace(/numRuns: ([\d_]+)/g, (_, runs) => {
    return `numRuns: ${Math.min(200, Number(runs.replaceAll('_', '')))}`;
  });
}

function mutated(path, contents) {
  if (change === null || !path.endsWith(`/lib/${change.file}`)) return contents;
  const parts = contents.split(change.code);
  if (parts.length === 2) return parts.join(change.becomes);
  throw new Error(`${change.file} has ${parts.length - 1} times: ${change.code}`);
}
