// Asks the index of the built site the questions of questions.mjs: each finds its page among the first five.

import MiniSearch from 'minisearch';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exit } from 'node:process';
import { pathToFileURL } from 'node:url';
import { searchOptions } from './search-options.mjs';
import { questions } from './questions.mjs';

const chunks = join(import.meta.dirname, 'dist/assets/chunks');
const file = readdirSync(chunks).find((name) => name.startsWith('@localSearchIndex'));
const { default: index } = await import(pathToFileURL(join(chunks, file)).href);

// With the fields of the site's own search box.
const search = MiniSearch.loadJSON(index, {
  fields: ['title', 'titles', 'text'],
  storeFields: ['title', 'titles'],
  searchOptions,
});

let missing = 0;
for (const [question, page] of questions) {
  const found = search
    .search(question)
    .slice(0, 5)
    .map(({ id }) => id.replace(/#.*/, ''));
  const isFound = found.includes(`/${page}`);
  console.log(
    `${isFound ? 'found  ' : 'MISSING'}  ${question} → ${page}${isFound ? '' : `: ${found.join(' ')}`}`,
  );
  if (!isFound) missing++;
}
if (missing > 0) exit(1);
