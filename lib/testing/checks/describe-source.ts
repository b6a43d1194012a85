import { describeChecks, type TestFramework } from './check.js';
import { sourceChecks } from './source-checks.js';
import type { SourceStage } from './source-stage.js';

/**
 * Checks a source, anything that is a `CodexStream`, against what everything downstream expects of
 * one: a test for each invariant.
 *
 * @param create Makes, for each test, a stream that is not connected, and its server.
 * @param framework Default: the global `describe` and `it`.
 *
 * @example
 * describeSource('my source', () => startMyStage()); // a `SourceStage`: a stream, and its server
 */
export function describeSource(
  name: string,
  create: () => SourceStage | Promise<SourceStage>,
  framework: TestFramework = globalThis as unknown as TestFramework,
): void {
  describeChecks(`${name} as a CodexStream`, sourceChecks, framework, async ({ run }) => {
    const stage = await create();
    try {
      await run(stage);
    } finally {
      // A failure to close has its own check.
      await Promise.resolve(stage.stream.close()).catch(() => undefined);
      await stage.close();
    }
  });
}
