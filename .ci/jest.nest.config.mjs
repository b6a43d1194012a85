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
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      'ts-jest',
      { useESM: true, diagnostics: false, tsconfig: '<rootDir>/spec/nest/tsconfig.json' },
    ],
  },
  moduleNameMapper: {
    '^codex-rx$': '<rootDir>/lib/index.ts',
    '^codex-rx/(.*)$': '<rootDir>/lib/$1/index.ts',
    '^#websocket$': '<rootDir>/lib/node/websocket.ts',
    '^#secret-rules$': '<rootDir>/lib/node/secretlint.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  resolver: join(root, '.ci/jest.nest.resolver.cjs'),
};
