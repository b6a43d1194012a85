// Types of Codex's protocol, from the schema that the real codex prints.
//
//   node .ci/protocol.mjs            writes lib/protocol/
//   node .ci/protocol.mjs --check    exits 1 and lists the files that differ from what it would write

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { filesOf } from './protocol/files.mjs';
import { readSchema } from './protocol/schema.mjs';

const directory = fileURLToPath(new URL('../lib/protocol/', import.meta.url));
await mkdir(directory, { recursive: true });

const wanted = new Map();
for (const [name, text] of filesOf(await readSchema())) {
  const filepath = join(directory, name);
  wanted.set(name, await format(text, { ...(await resolveConfig(filepath)), filepath }));
}
const present = new Map();
for (const name of await readdir(directory)) {
  present.set(name, await readFile(join(directory, name), 'utf8'));
}

const drift = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((name) => wanted.get(name) !== present.get(name))
  .sort();

if (argv.includes('--check')) {
  for (const name of drift) console.error(`lib/protocol/${name}: ${problem(name)}`);
  if (drift.length > 0) console.error('Run `npm run protocol`.');
  exit(drift.length > 0 ? 1 : 0);
}
for (const name of drift) {
  const path = join(directory, name);
  await (wanted.has(name) ? writeFile(path, wanted.get(name)) : rm(path));
  console.log(`lib/protocol/${name}`);
}

function problem(name) {
  if (!present.has(name)) return 'is missing';
  return wanted.has(name) ? 'differs' : 'is not generated';
}
