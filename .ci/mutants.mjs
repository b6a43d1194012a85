// How much the specs notice: Stryker breaks the code in one place after the other, and looks whether a spec of the
// same room fails. `npm run mutants`, or a part of it: `npm run mutants -- match router/lane.ts socket/native.ts:40-60`.
// It takes long; CONCURRENCY (2 by default) says how many mutants are tried at once.

import { Stryker } from '@stryker-mutator/core';
import { join } from 'node:path';
import { argv, env } from 'node:process';

const rooms = ['match', 'router', 'socket'];

const wanted = argv.length > 2 ? argv.slice(2) : rooms;
const unknown = wanted.find((path) => !rooms.includes(path.split('/')[0]));
if (unknown !== undefined) throw new TypeError(`"${unknown}" is in none of ${rooms.join(', ')}.`);

for (const room of rooms) {
  const mutate = wanted
    .filter((path) => path.split('/')[0] === room)
    .map((path) => (path === room ? `lib/${room}/**/*.ts` : `lib/${path}`));
  if (mutate.length === 0) continue;
  console.log(`\n${mutate.join(' ')}`);
  await new Stryker({
    mutate,
    buildCommand: `node .ci/mutants-bundle.mjs ${room}`,
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    jest: {
      config: {
        testMatch: ['<rootDir>/mutants/*.mjs'],
        testEnvironment: join(import.meta.dirname, 'mutants-environment.cjs'),
        transform: {},
        watchman: false,
      },
      enableFindRelatedTests: false,
    },
    coverageAnalysis: 'perTest',
    concurrency: Number(env.CONCURRENCY ?? 2),
    tempDirName: 'coverage/mutants',
    ignorePatterns: ['bench', 'coverage', 'dist', 'examples'],
    reporters: ['clear-text', 'progress'],
    clearTextReporter: { reportTests: false, allowColor: false },
    thresholds: { high: 95, low: 85, break: 85 },
    warnings: { slow: false },
  }).runMutationTest();
}
