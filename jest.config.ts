/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  // testMatch and not `roots`: with roots, a file of lib that no spec imports is missing from the coverage.
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  // Those of Angular and Nest need what is installed in examples/: `npm run test:angular` and
  // `npm run test:nest` run them.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/spec/(angular|nest)/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/examples/(angular|nest)/'],
  // For a loaded machine: nothing that a spec states depends on it.
  testTimeout: 30_000,
  extensionsToTreatAsEsm: ['.ts'],
  // Types are checked by `npm run test:types`; ts-jest only strips them.
  transform: { '\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  moduleNameMapper: {
    '^codex-rx$': '<rootDir>/lib/index.ts',
    '^codex-rx/(.*)$': '<rootDir>/lib/$1/index.ts',
    '^#inspector-page$': '<rootDir>/lib/gateway/page-folder.ts',
    '^#websocket$': '<rootDir>/lib/node/websocket.ts',
    '^#secret-rules$': '<rootDir>/lib/node/secretlint.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  collectCoverageFrom: [
    'lib/**/*.ts',
    '!lib/protocol/**',
    '!lib/{angular,nest}/**',
    // `npm run test:backend` runs it, on a real nats-server.
    '!lib/nats/**',
    // `npm run test:inspector` runs these.
    '!lib/gateway/{inspect,serve-inspector,page-folder,page-folder-of-commonjs}.ts',
    '!lib/cli/{inspect-recording,inspect-session,play-recording}.ts',
    // `npm run check:runtimes` and `check:consumer` run these, in the processes that they are for.
    '!lib/node/{secretlint-if-loadable,websocket-of-page,ws}.ts',
    '!**/*.d.ts',
  ],
  coverageReporters: [['text', { skipFull: true }], 'text-summary'],
  coverageThreshold: {
    global: { lines: 95, branches: 94 },
    // Chaos, and the real codex, run more of it than specs do.
    './lib/gateway/': { lines: 95, branches: 86 },
  },
};

export default config;
