// How much the specs notice: Stryker breaks the code in one place after the other, and looks whether a spec fails.
// `npm run mutants`; or `npm run mutants -- match router/lane.ts router/slot.ts:40-60` for a part of it.

import { Stryker } from '@stryker-mutator/core';
import { join } from 'node:path';
import { argv, env } from 'node:process';

/** The rooms that are tried, and which specs hold each of them. */
const rooms = {
  match: ['match'],
  router: ['router'],
  socket: ['socket'],
};

const wanted = argv.length > 2 ? argv.slice(2) : Object.keys(rooms);

for (const [room, specs] of Object.entries(rooms)) {
  const mutate = wanted
    .filter((path) => path.split('/')[0] === room)
    .map((path) => (path === room ? `lib/${room}/**/*.ts` : `lib/${path}`));
  if (mutate.length === 0) continue;
  console.log(`\n${mutate.join(' ')}`);
  await new Stryker({
    mutate,
    buildCommand: `node .ci/mutants-bundle.mjs ${specs.join(' ')}`,
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
