// Types of Codex's protocol, from the schema that the real codex prints, and the few of its names that
// are needed at run time.
//
//   node .ci/protocol.mjs            writes lib/protocol/ and lib/app-server/known-methods.ts
//   node .ci/protocol.mjs --check    exits 1 and lists the files that differ from what it would write

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { filesOf } from './protocol/files.mjs';
import { readSchemas } from './protocol/schema.mjs';

const lib = fileURLToPath(new URL('../lib/', import.meta.url));

/** Holds nothing but generated files; what else lies there is a leftover. */
const generated = 'protocol';

const wanted = new Map();
for (const [name, text] of filesOf(await readSchemas())) {
  const filepath = join(lib, name);
  wanted.set(name, await format(text, { ...(await resolveConfig(filepath)), filepath }));
}
const present = new Map();
for (const name of new Set([...wanted.keys(), ...(await leftovers())])) {
  const path = join(lib, name);
  if (existsSync(path)) present.set(name, await readFile(path, 'utf8'));
}

const drift = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((name) => wanted.get(name) !== present.get(name))
  .sort();

if (argv.includes('--check')) {
  for (const name of drift) console.error(`lib/${name}: ${problem(name)}`);
  if (drift.length > 0) console.error('Run `npm run protocol`.');
  exit(drift.length > 0 ? 1 : 0);
}
for (const name of drift) {
  const path = join(lib, name);
  await mkdir(dirname(path), { recursive: true });
  await (wanted.has(name) ? writeFile(path, wanted.get(name)) : rm(path));
  console.log(`lib/${name}`);
}

async function leftovers() {
  const directory = join(lib, generated);
  const names = existsSync(directory) ? await readdir(directory) : [];
  return names.map((name) => `${generated}/${name}`);
}

function problem(name) {
  if (!present.has(name)) return 'is missing';
  return wanted.has(name) ? 'differs' : 'is not generated';
}
