// Writes the pages of docs/ that list what the code has: options, events, calls, errors. `--check` compares instead;
// `--root DIR` does it for another copy of the project. Fails if an export has no docstring.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit } from 'node:process';
import { parseArgs } from 'node:util';
import prettier from 'prettier';
import { callsPage } from './reference/calls.mjs';
import { errorsPage } from './reference/errors.mjs';
import { eventsPage } from './reference/events.mjs';
import { optionsPage } from './reference/options.mjs';
import { openSource } from './reference/source.mjs';
import { undocumented } from './reference/undocumented.mjs';

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    root: { type: 'string', default: join(import.meta.dirname, '..') },
  },
});
const { root } = options;
const source = openSource(root);
const pages = { options: optionsPage, events: eventsPage, calls: callsPage, errors: errorsPage };
const style = await prettier.resolveConfig(join(root, 'README.md'));

const missing = undocumented(source);
for (const line of missing) console.error(line);

let isStale = missing.length > 0;
for (const [name, write] of Object.entries(pages)) {
  const path = join(root, `docs/${name}.md`);
  const text = await prettier.format(write(source), { ...style, parser: 'markdown' });
  if (!options.check) writeFileSync(path, text);
  else if (text !== readFileSync(path, 'utf8')) {
    console.error(`docs/${name}.md is not what the code has: run "npm run reference"`);
    isStale = true;
  }
}
if (isStale) exit(1);
