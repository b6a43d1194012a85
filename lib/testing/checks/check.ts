import { has, mustBe } from '../../options/index.js';

/** One thing that a subject must hold to. Its `run` fails with an Error if the subject does not. */
export interface Check<Subject, Outcome = Promise<void>> {
  readonly title: string;
  readonly run: (subject: Subject) => Outcome;
}

/** Checks by their titles, in this order. */
export const checksOf = <Subject, Outcome = Promise<void>>(
  runs: Readonly<Record<string, (subject: Subject) => Outcome>>,
): readonly Check<Subject, Outcome>[] =>
  Object.entries(runs).map(([title, run]) => ({ title, run }));

/** As much of a test framework as is needed: that of jest, vitest, mocha, jasmine or node:test. */
export interface TestFramework {
  describe(title: string, suite: () => void): unknown;
  it(title: string, test: () => void | Promise<void>): unknown;
}

/**
 * Makes a test of each check.
 *
 * @throws TypeError if the framework lacks `describe` or `it`.
 */
export function describeChecks<Kind extends { readonly title: string }>(
  title: string,
  checks: readonly Kind[],
  framework: TestFramework,
  run: (check: Kind) => void | Promise<void>,
): void {
  const isFramework = has(framework, 'describe') && has(framework, 'it');
  mustBe(isFramework, 'framework', 'an object with describe and it');
  framework.describe(title, () => {
    for (const check of checks) framework.it(check.title, () => run(check));
  });
}
