// How much the specs notice: Stryker breaks the code in one place after the other, and looks whether a spec of the
// same room fails. It prints the score of each room and of all, and fails if the whole is under 88 %.
//
//   npm run mutants                           every room
//   npm run mutants -- match router/route.ts socket/native.ts:40-60      rooms, files, lines
//   npm run mutants -- --share 10             one mutant in ten, the same ones each time
//   npm run mutants -- --named                mutants with a name, each of which has to be noticed
//
// It takes long; CONCURRENCY (2 by default) says how many mutants are tried at once.

import { Stryker } from '@stryker-mutator/core';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, exit, pid } from 'node:process';
import { parseArgs } from 'node:util';
import { tryNamed } from './mutants-named.mjs';

const rooms = ['match', 'router', 'socket', 'requests', 'state'];
const enough = 88;

const { values, positionals } = parseArgs({
  options: { share: { type: 'string', default: '100' }, named: { type: 'boolean' } },
  allowPositionals: true,
});
const wanted = positionals.length > 0 ? positionals : rooms;
const unknown = wanted.find((path) => !rooms.includes(path.split('/')[0]));
if (unknown !== undefined) throw new TypeError(`"${unknown}" is in none of ${rooms.join(', ')}.`);
const share = Number(values.share) / 100;
if (!(share > 0 && share <= 1)) throw new RangeError('--share is a percentage: 1 to 100.');

if (values.named) {
  const problems = tryNamed(wanted);
  for (const problem of problems) console.error(problem);
  exit(problems.length > 0 ? 1 : 0);
}

env.SHARE = String(share);
env.MUTANTS_LEFT_OUT = join(tmpdir(), `codex-rx-mutants-${pid}.txt`);

const rows = {};
const failed = [];
for (const room of rooms) {
  const mutate = wanted
    .filter((path) => path.split('/')[0] === room)
    .map((path) => (path === room ? `lib/${room}/**/*.ts` : `lib/${path}`));
  if (mutate.length === 0) continue;
  console.log(`\n${mutate.join(' ')}`);
  try {
    rows[room] = counted(await mutantsOf(room, mutate));
  } catch (error) {
    failed.push(room);
    console.error(`${room} was not tried: ${error.message}`);
  }
  for (const name of leftOut()) console.error(`left out, for it fails without a mutant: ${name}`);
}

rows.all = total(Object.values(rows));
console.table(rows);
if (failed.length > 0) console.error(`not tried: ${failed.join(', ')}`);
if (!(rows.all['score %'] >= enough)) console.error(`The score is under ${enough} %.`);
if (failed.length > 0 || !(rows.all['score %'] >= enough)) exit(1);

/** The tests that failed without a mutant, which are forgotten then. */
function leftOut() {
  try {
    return readFileSync(env.MUTANTS_LEFT_OUT, 'utf8').trim().split('\n');
  } catch {
    return [];
  } finally {
    rmSync(env.MUTANTS_LEFT_OUT, { force: true });
  }
}

function mutantsOf(room, mutate) {
  return new Stryker({
    mutate,
    buildCommand: `node .ci/mutants-bundle.mjs ${room}`,
    ...(share < 1 && {
      plugins: ['@stryker-mutator/*', join(import.meta.dirname, 'mutants-share.mjs')],
      checkers: ['share'],
    }),
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    jest: {
      config: {
        // Jest looks through its roots for each mutant.
        roots: ['<rootDir>/mutants'],
        testMatch: ['<rootDir>/mutants/*.mjs'],
        testEnvironment: join(import.meta.dirname, 'mutants-environment.cjs'),
        testTimeout: 30_000,
        transform: {},
        watchman: false,
      },
      enableFindRelatedTests: false,
    },
    coverageAnalysis: 'perTest',
    // One more for the share: it chooses, and then only waits.
    concurrency: Number(env.CONCURRENCY ?? 2) + (share < 1 ? 1 : 0),
    // On a busy machine the first, unmutated run takes its time as well.
    dryRunTimeoutMinutes: 30,
    timeoutMS: 5_000,
    timeoutFactor: 2,
    tempDirName: 'coverage/mutants',
    ignorePatterns: ['bench', 'coverage', 'dist', 'examples'],
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: { reportTests: false, reportScoreTable: false, allowColor: false },
    thresholds: { high: 95, low: enough, break: null },
    warnings: { slow: false },
  }).runMutationTest();
}

/** Mutants that cannot be loaded (`errors`) count for neither side. */
function counted(mutants) {
  const number = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  return withScore({
    killed: number('Killed'),
    timeout: number('Timeout'),
    survived: number('Survived'),
    'no coverage': number('NoCoverage'),
    errors: number('RuntimeError'),
  });
}

function total(rows) {
  const columns = ['killed', 'timeout', 'survived', 'no coverage', 'errors'];
  const sum = (column) => rows.reduce((sum, row) => sum + row[column], 0);
  return withScore(Object.fromEntries(columns.map((column) => [column, sum(column)])));
}

function withScore(row) {
  const noticed = row.killed + row.timeout;
  const valid = noticed + row.survived + row['no coverage'];
  return { ...row, 'score %': Number(((100 * noticed) / valid).toFixed(2)) };
}
