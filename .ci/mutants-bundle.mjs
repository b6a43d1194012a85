// All specs of a room in one file, for `npm run mutants`: jest takes half a second to load the modules of a spec,
// and would load them anew for each mutant. Stryker runs this where it has put the mutants in.

import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

const [, , room] = argv;

const specs = readdirSync(`spec/${room}`)
  .filter((name) => name.endsWith('.spec.ts'))
  // Of types nothing runs.
  .filter((name) => !name.endsWith('.types.spec.ts') && name !== 'editor.spec.ts');

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
  outfile: 'mutants/all.spec.mjs',
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
    return { contents, loader: 'ts' };
  });
}
