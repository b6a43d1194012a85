import { describe, expect, test } from '@jest/globals';
import { createRouter, type StreamRouter } from 'codex-rx';
import { describeRouter, routerChecks } from 'codex-rx/testing';
import { toyRouter } from './toy-router.js';

// As its users write it: with the describe and it of their framework.
describeRouter('createRouter()', () => createRouter());

/** What describeRouter registers with a framework. */
function registered(create: () => StreamRouter) {
  const suites: string[] = [];
  const tests: { readonly title: string; readonly run: () => void | Promise<void> }[] = [];
  describeRouter('mine', create, {
    describe(title, suite) {
      suites.push(title);
      suite();
    },
    it: (title, run) => tests.push({ title, run }),
  });
  return { suites, tests };
}

describe('describeRouter', () => {
  test('makes a suite with a test for each check, in any framework', () => {
    const { suites, tests } = registered(() => createRouter());
    expect(suites).toEqual(['mine as a StreamRouter']);
    expect(tests.map(({ title }) => title)).toEqual(routerChecks.map(({ title }) => title));
  });

  test('makes a fresh router for each test, and none before', async () => {
    let made = 0;
    const { tests } = registered(() => {
      made++;
      return createRouter();
    });
    expect(made).toBe(0);
    for (const { run } of tests) await run();
    expect(made).toBe(routerChecks.length);
  });

  test('says that a framework is none', () => {
    const framework = { describe: () => undefined, test: () => undefined };
    expect(() => {
      describeRouter('mine', () => createRouter(), framework as never);
    }).toThrow(new TypeError('"framework" must be an object with describe and it.'));
  });

  test('fails for a router with a flaw, sync or async', async () => {
    const { tests } = registered(() => toyRouter('async handlers all at once'));
    const outcomes = await Promise.allSettled(tests.map(async ({ run }) => run()));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});
