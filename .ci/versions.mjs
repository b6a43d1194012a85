// Runs the suite against the real codex on every supported version, and writes the table that the README shows.
//
//   npm run versions                   all of them, one after the other: some five minutes each
//   npm run versions -- 0.125.0 …      these; the other rows stay as they are
//   npm run versions -- --quick …      only turns over each transport; what was counted of all specs stays
//   npm run versions -- --features     runs none: writes what each version has brought into docs/versions.md, as the
//                                      others do
//
// A spec that a version cannot pass is counted as one of a later version, not as passed: see
// spec/codex/features.json. One that fails is run once more, with the others that did: on a busy machine some come too
// late. Ends with code 1 if one has failed twice.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { mustBeVersion, supported } from './codex-versions.mjs';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const [begin, end] = ['<!-- versions: `npm run versions` writes this -->', '<!-- /versions -->'];
const guide = fileURLToPath(new URL('../docs/versions.md', import.meta.url));
const featuresFile = new URL('../spec/codex/features.json', import.meta.url);

const transports = ['stdio', 'websocket', 'unix socket'];
const head = [
  'codex',
  ...transports.map((transport) => `turns over ${transport}`),
  'all specs',
  'not in this version',
];
const notCounted = ['not counted', ''];
/** The specs of turns: each of them names its transport. */
const turns = 'spec/codex/turns.codex-spec.ts';

const isQuick = argv.includes('--quick');
await writeFeatures();
if (argv.includes('--features')) exit();
const given = argv
  .slice(2)
  .filter((one) => one !== '--quick')
  .map(mustBeVersion);
let failed = 0;
for (const version of given.length > 0 ? given : supported) {
  const results = await resultsOf(version);
  const failures = results.filter(({ status }) => status === 'failed');
  failed += failures.length;
  for (const { fullName, failureMessages: [why = ''] = [] } of failures) {
    console.error(`${version}: ${fullName}\n    ${why.split('\n', 3).join('\n    ')}`);
  }
  const row = rowOf(version, results);
  console.log(row.join(' | '));
  // At once: the next versions take a while.
  await writeRow(row);
}
exit(failed > 0 ? 1 : 0);

/** Every spec: its name, and whether it has passed, failed twice, or is skipped (pending). */
async function resultsOf(version) {
  const first = await runOf(version, isQuick ? [turns] : []);
  const again = first.filter(({ status }) => status === 'failed');
  if (again.length === 0) return first;
  const names = again.map(({ fullName }) => `^${fullName.replaceAll(/[^\w ]/g, '.')}$`);
  const files = [...new Set(again.map(({ file }) => file))];
  const second = await runOf(version, [...files, `--testNamePattern=${names.join('|')}`]);
  const passed = new Set(
    second.flatMap(({ status, fullName }) => (status === 'passed' ? [fullName] : [])),
  );
  for (const name of passed) console.error(`${version}: passed when it was run again: ${name}`);
  return first.map((one) => (passed.has(one.fullName) ? { ...one, status: 'passed' } : one));
}

async function runOf(version, chosen) {
  const directory = await mkdtemp(join(tmpdir(), 'codex-rx-versions-'));
  const output = join(directory, 'results.json');
  try {
    const tests = fileURLToPath(new URL('./codex-tests.mjs', import.meta.url));
    // A spec that fails may leave a socket open, on which jest would wait.
    const options = ['--codex', version, '--silent', '--forceExit', '--json'];
    options.push(`--outputFile=${output}`, ...chosen);
    await once(spawn(execPath, [tests, ...options], { stdio: 'ignore' }), 'exit');
    const { testResults } = JSON.parse(await readFile(output, 'utf8'));
    return testResults.flatMap(({ name: file, assertionResults, message }) =>
      assertionResults.length > 0
        ? assertionResults.map((one) => ({ ...one, file, isTurn: file.endsWith(turns) }))
        : [{ fullName: `${file}: ${message}`, file, status: 'failed' }],
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function rowOf(version, results) {
  const over = (transport) =>
    results.filter(({ fullName, isTurn }) => isTurn && fullName.startsWith(`over ${transport},`));
  const skipped = results.filter(({ status }) => status === 'pending');
  return [
    version,
    ...transports.map((transport) => cellOf(over(transport))),
    ...(isQuick ? [] : [cellOf(results), String(skipped.length)]),
  ];
}

/** How many have passed, and how many have not; a dash if none could run. */
function cellOf(results) {
  const count = (status) => results.filter((one) => one.status === status).length;
  const [passed, failures] = [count('passed'), count('failed')];
  if (passed + failures === 0) return '—';
  return failures > 0 ? `${passed} passed, **${failures} failed**` : `${passed} passed`;
}

async function writeRow(row) {
  await writeTable(readme, (table) => {
    const rows = new Map(rowsIn(table).map((cells) => [cells[0], cells]));
    const counted = rows.get(row[0])?.slice(row.length) ?? notCounted;
    rows.set(row[0], isQuick ? [...row, ...counted] : row);
    const known = supported.filter((version) => rows.has(version));
    return [head, head.map(() => '---'), ...known.map((version) => rows.get(version))];
  });
}

/** What each version has that the ones before it lack: why specs are skipped there. */
async function writeFeatures() {
  const brought = new Map();
  for (const { since, what, specs } of JSON.parse(await readFile(featuresFile, 'utf8'))) {
    // The types and the recordings are ours, and not the server's.
    if (since === 'newest' || / of that version$/.test(what)) continue;
    const methods = specs.map((spec) => /of that type: ([\w/]+)/.exec(spec)?.[1]).filter(Boolean);
    const texts = methods.length > 0 ? methods.map((method) => `\`${method}\``) : [what];
    brought.set(since, [...(brought.get(since) ?? []), ...texts]);
  }
  const rows = [...brought].map(([since, texts]) => [since, texts.join('; ')]);
  await writeTable(guide, () => [['since codex', 'what'], ['---', '---'], ...rows]);
}

/** Writes the table between the marks of a page, given the text of the one that is there. */
async function writeTable(path, rowsOf) {
  const text = await readFile(path, 'utf8');
  const [before, table = '', after] = text.split(new RegExp(`${begin}|${end}`));
  if (after === undefined) throw new Error(`${path} has no place for the table: ${begin}`);
  const markdown = rowsOf(table)
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  const whole = `${before}${begin}\n\n${markdown}\n\n${end}${after}`;
  await writeFile(path, await format(whole, { ...(await resolveConfig(path)), filepath: path }));
}

/** The cells of the rows that are there, without the head. */
function rowsIn(table) {
  return table
    .split('\n')
    .filter((line) => /^\| *\d/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
