// The specs of lib/angular, with the Angular of examples/angular: as applications without zone.js, and with it.

import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

const specs = {
  rootDir: root,
  testMatch: ['<rootDir>/spec/angular/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/examples/angular/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  moduleNameMapper: {
    '^codex-rx$': '<rootDir>/lib/index.ts',
    '^codex-rx/(.*)$': '<rootDir>/lib/$1/index.ts',
    '^#websocket$': '<rootDir>/lib/node/websocket.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  resolver: join(root, '.ci/jest.angular.resolver.cjs'),
};

export default {
  rootDir: root,
  testTimeout: 30_000,
  // The timers of jsdom keep a process alive.
  forceExit: true,
  projects: ['zoneless', 'zone.js'].map((displayName) => ({
    ...specs,
    displayName,
    // What jest would take away belongs to jsdom.
    testEnvironmentOptions: { globalsCleanup: 'off' },
    globals: { withZones: displayName === 'zone.js' },
    setupFilesAfterEnv: ['<rootDir>/spec/angular/support/setup.mjs'],
  })),
};
