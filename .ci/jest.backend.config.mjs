// The specs against a real nats-server: `npm run test:backend`. They differ from all others in their name only.

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
  testMatch: ['<rootDir>/spec/**/*.backend-spec.ts'],
  globalSetup: '<rootDir>/.ci/jest.backend.setup.mjs',
  testTimeout: 30_000,
  maxWorkers: 1,
  coverageThreshold: undefined,
  // The client of NATS keeps sockets and timers for a while after it was closed.
  forceExit: true,
};
