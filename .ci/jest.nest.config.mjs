// The specs of lib/nest, with the Nest that is installed in the folder NEST_HOME: examples/nest or
// examples/nest/nest-11.

import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

export default {
  rootDir: root,
  testTimeout: 30_000,
  // Nest keeps timers for a while after it was closed.
  forceExit: true,
  testMatch: ['<rootDir>/spec/nest/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/(esm|cjs)/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      'ts-jest',
      { useESM: true, diagnostics: false, tsconfig: '<rootDir>/spec/nest/tsconfig.json' },
    ],
  },
  moduleNameMapper: {
    // In few files, for jest loads the modules of a spec anew for each: .ci/nest.mjs makes them.
    '^codex-rx$': '<rootDir>/dist/nest-specs/index.mjs',
    '^codex-rx/(.*)$': '<rootDir>/dist/nest-specs/$1/index.mjs',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  resolver: join(root, '.ci/jest.nest.resolver.cjs'),
};
