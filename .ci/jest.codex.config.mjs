// The specs against the real codex: `npm run test:codex`. They differ from all others in their name only.

import { register } from 'esbuild-register/dist/node.js';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// As jest itself reads a config in TypeScript.
const { unregister } = register();
const { default: config } = createRequire(import.meta.url)('../jest.config.ts');
unregister();

export default {
  ...config,
  rootDir: fileURLToPath(new URL('..', import.meta.url)),
  testMatch: ['<rootDir>/spec/codex/**/*.codex-spec.ts'],
  testEnvironment: '<rootDir>/.ci/jest.codex.environment.cjs',
  globalSetup: '<rootDir>/.ci/jest.codex.setup.mjs',
  // Only what hangs takes this long, however busy the machine is.
  testTimeout: 120_000,
  maxWorkers: 1,
  coverageThreshold: undefined,
};
