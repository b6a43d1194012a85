import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyPlan, examples, heardBy } from './unrouted-model.js';

describe("ignore: 'unrouted'", () => {
  test('leaves every handler, subscriber and request what a stream gives it that reads all', () => {
    let [ignored, received] = [0, 0];
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const all = heardBy(plan, []);
        const some = heardBy(plan, 'unrouted');
        expect(some.log).toEqual(all.log);
        expect([some.received, all.ignored]).toEqual([all.received, 0]);
        ignored += some.ignored;
        received += some.received;
      }),
      { numRuns: 300, examples },
    );
    // It does drop frames, then.
    expect(ignored / received).toBeGreaterThan(0.1);
  });
});
