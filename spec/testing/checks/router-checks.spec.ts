import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createRouter, type StreamRouter } from 'codex-rx';
import { routerChecks } from 'codex-rx/testing';
import { toyRouter, type Flaw } from './toy-router.js';

/** The titles of the checks that a kind of router fails, each checked on a fresh one. */
async function failing(create: () => StreamRouter): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { title, run } of routerChecks) {
    try {
      await run(create());
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      failed.push(title);
    }
  }
  return failed;
}

const flaws: readonly (readonly [Flaw, string])[] = [
  ['order by type', 'runs every route that matches, in the order of registration'],
  ['every fourth event lost', 'keeps the order of events for each handler'],
  ['async handlers all at once', 'keeps the order for a handler that returns promises'],
  ['throws swallowed', 'goes on after a handler that throws, and reports it'],
  ['rejections swallowed', 'goes on after a handler whose promise rejects, and reports it'],
  ['matcher errors swallowed', 'goes on after a matcher that throws, and reports it'],
  ['listeners unguarded', 'is not harmed by a listener of errors$ that throws'],
  ['handlers awaited in series', 'waits for no handler in dispatch'],
  ['nested dispatch', 'dispatches what a handler emits after the event has reached every handler'],
  ['live array', 'shows a route that is added during dispatch the next event first'],
  ['snapshot kept', 'shows a route that was removed nothing more, not even the current event'],
];

afterEach(() => {
  jest.restoreAllMocks();
});

describe('routerChecks', () => {
  test('find nothing wrong with the router of this library', async () => {
    expect(await failing(() => createRouter())).toEqual([]);
  });

  test('find nothing wrong with a small router that holds to all of them', async () => {
    expect(await failing(() => toyRouter())).toEqual([]);
  });

  test.each(flaws)('find %s, and nothing else, by: %s', async (flaw, title) => {
    expect(await failing(() => toyRouter(flaw))).toEqual([title]);
  });

  test('have a negative control each', () => {
    expect(flaws.map(([, title]) => title)).toEqual(routerChecks.map(({ title }) => title));
  });

  test('find a router that stops at the first match', async () => {
    const failed = await failing(() => toyRouter('first match'));
    expect(failed).toContain('runs every route that matches, in the order of registration');
  });

  test('find a router that lets a failure through, or stops at it', async () => {
    const failed = await failing(() => toyRouter('throws let through'));
    expect(failed).toContain('goes on after a handler that throws, and reports it');
  });

  test('say what was expected, and what came', async () => {
    const check = routerChecks[1]!;
    const broken = async () => {
      await check.run(toyRouter('every fourth event lost'));
    };
    await expect(broken()).rejects.toThrow('expected ["a", "b", "b", "a"], got ["a", "b", "b"]');
  });

  test('leave the console as it was', async () => {
    const { error } = console;
    await failing(() => createRouter());
    expect(console.error).toBe(error);
  });
});
