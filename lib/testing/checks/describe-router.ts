import type { StreamRouter } from '../../router/index.js';
import { routerChecks } from './router-checks.js';

/** As much of a test framework as is needed: that of jest, vitest, mocha, jasmine or node:test. */
export interface TestFramework {
  describe(title: string, suite: () => void): unknown;
  it(title: string, test: () => void | Promise<void>): unknown;
}

/**
 * Checks a router of your own against what a stream expects of one, a test for each invariant.
 *
 * @param create Makes a fresh router for each test.
 * @param framework Default: the global `describe` and `it`.
 *
 * @example
 * describeRouter('my router', () => createMyRouter());
 */
export function describeRouter(
  name: string,
  create: () => StreamRouter,
  framework: TestFramework = globalThis as unknown as TestFramework,
): void {
  framework.describe(`${name} as a StreamRouter`, () => {
    for (const { title, run } of routerChecks) {
      framework.it(title, () => run(create()));
    }
  });
}
