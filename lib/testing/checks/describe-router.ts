import type { StreamRouter } from '../../router/index.js';
import { describeChecks, type TestFramework } from './check.js';
import { routerChecks } from './router-checks.js';

/**
 * Checks a router against what a stream expects of one: a test for each invariant.
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
  describeChecks(`${name} as a StreamRouter`, routerChecks, framework, ({ run }) => run(create()));
}
