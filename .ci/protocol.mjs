// Types of Codex's protocol, from the schema that the real codex prints, and what else is known of it
// at run time, in tests and in the documentation. docs/protocol.md says how it is used.
//
//   node .ci/protocol.mjs             writes what is generated
//   node .ci/protocol.mjs 0.172.0     makes that the current version first
//   node .ci/protocol.mjs --check     exits 1 and lists the files that differ from what it would write
//   node .ci/protocol.mjs --history   writes history.json anew, from the schemas of all supported versions
//   --schemas DIR                     reads experimental.json and stable.json of a folder instead of codex
//   --out DIR                         writes into another copy of the project

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { codexBinary } from './codex-binary.mjs';
import { current, mustBeVersion, older, supported, versionsFile } from './codex-versions.mjs';
import { filesOf } from './protocol/files.mjs';
import {
  historyFile,
  historyText,
  modelsOf,
  nextHistory,
  noHistory,
  readHistory,
  withHistory,
} from './protocol/history.mjs';
import { notesOnRequests } from './protocol/requests.mjs';
import { definitionsIn, readSchemas } from './protocol/schema.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Holds nothing but generated files; what else lies there is a leftover. */
const generated = 'lib/protocol';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean' },
    history: { type: 'boolean' },
    schemas: { type: 'string' },
    out: { type: 'string', default: root },
  },
});
const [next] = positionals;
const version = next === undefined ? current : mustBeVersion(next);
if (version.localeCompare(current, 'en', { numeric: true }) < 0) {
  throw new Error(
    `${version} is older than ${current}. docs/protocol.md says how to add it by hand.`,
  );
}

const models = await readModels(version);
const history = options.history ? await wholeHistory() : await historyOf(version);
for (const note of [...models.experimental.notes, ...notesOnRequests(models.experimental)]) {
  console.warn(note);
}

const wanted = new Map();
const versions = { current: version, oldest: supported[0] };
for (const [name, text] of filesOf(withHistory(models, history), versions)) {
  wanted.set(name, await formatted(join(root, name), text));
}
const present = new Map();
for (const name of new Set([...wanted.keys(), ...(await leftovers())])) {
  const path = join(options.out, name);
  if (existsSync(path)) present.set(name, await readFile(path, 'utf8'));
}

const differing = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((name) => wanted.get(name) !== present.get(name))
  .sort();

if (options.check) {
  for (const name of differing) console.error(`${name}: ${problem(name)}`);
  if (differing.length > 0) console.error('Run `npm run protocol`.');
  exit(differing.length > 0 ? 1 : 0);
}
if (options.history || version !== current) await writeFile(historyFile, historyText(history));
if (version !== current) {
  await save(
    versionsFile,
    JSON.stringify({ current: version, older: [...older, current] }, null, 2),
  );
}
for (const name of differing) {
  const path = join(options.out, name);
  await mkdir(dirname(path), { recursive: true });
  await (wanted.has(name) ? writeFile(path, wanted.get(name)) : rm(path));
  console.log(name);
}
// The documentation lists what the types have.
const reference = fileURLToPath(new URL('./reference.mjs', import.meta.url));
if (differing.length > 0) await promisify(execFile)(execPath, [reference, '--root', options.out]);

async function readModels(version) {
  if (!options.schemas) return modelsOf(await readSchemas(await codexBinary(version)));
  const read = async (name) =>
    definitionsIn(await readFile(join(options.schemas, `${name}.json`), 'utf8'));
  return modelsOf({ experimental: await read('experimental'), stable: await read('stable') });
}

/** The history up to a version: a step further than what is kept, if it is not the current one. */
async function historyOf(version) {
  const kept = readHistory();
  if (version === current) return kept;
  const before = modelsOf(await readSchemas(await codexBinary(current)));
  return nextHistory(kept, [current, before], [version, models]);
}

async function wholeHistory() {
  let [before] = supported;
  let beforeModels = modelsOf(await readSchemas(await codexBinary(before)));
  let history = noHistory(beforeModels);
  for (const one of supported.slice(1)) {
    const oneModels = modelsOf(await readSchemas(await codexBinary(one)));
    history = nextHistory(history, [before, beforeModels], [one, oneModels]);
    [before, beforeModels] = [one, oneModels];
  }
  return history;
}

async function formatted(filepath, text) {
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

async function save(url, text) {
  const path = fileURLToPath(url);
  await writeFile(path, await formatted(path, text));
}

async function leftovers() {
  const directory = join(options.out, generated);
  const names = existsSync(directory) ? await readdir(directory) : [];
  return names.map((name) => `${generated}/${name}`);
}

function problem(name) {
  if (!present.has(name)) return 'is missing';
  return wanted.has(name) ? 'differs' : 'is not generated';
}
