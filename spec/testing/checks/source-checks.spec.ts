import { describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeSource, sourceChecks, type SourceStage } from 'codex-rx/testing';
import { broken, type SourceFlaw } from './broken-sources.js';
import { appServerStage, managerStage } from './source-stages.js';

// As its users write it: with the describe and it of their framework.
describeSource('connectManager()', managerStage);
describeSource('connectAppServer()', appServerStage);

/** What each check says of a kind of source, each checked on a fresh one: the title, and the message. */
async function failing(
  create: () => Promise<SourceStage>,
  titles: readonly string[] = sourceChecks.map(({ title }) => title),
): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>();
  for (const { title, run } of sourceChecks.filter(({ title }) => titles.includes(title))) {
    const stage = await create();
    await run(stage).catch((error: unknown) => failed.set(title, (error as Error).message));
    await stage.stream.close().catch(() => undefined);
    await stage.close();
  }
  return failed;
}

const flaws: readonly (readonly [flaw: SourceFlaw, title: string, message: string])[] = [
  [
    'events in another order',
    'delivers events in the order of the server',
    'Expected events$ in the order of the server: expected ["a", "b", "c", "d"], got ["b", "c", "d", "a"].',
  ],
  [
    'subscribers before the router',
    'shows an event to the router before the subscribers',
    'Expected the route to come first: expected ["route", "subscriber"], got ["subscriber", "route"].',
  ],
  [
    'bad frames in silence',
    'reports a frame that cannot be read, and goes on',
    'Expected the frame on malformed$, and events on: expected ["a", "malformed", "b"], got ["a", "b"].',
  ],
  [
    'connect() too early',
    'is ready when connect() has resolved',
    'Expected status$ to be ready then: expected true, got false.',
  ],
  [
    'one attempt for each connect()',
    'connects once, however often connect() is called',
    'Expected one attempt to connect: expected 1, got 2.',
  ],
  [
    'no connection without connect()',
    'connects for a subscriber of events$',
    'Expected a stream with a subscriber to connect: nothing of it in 2000 ms.',
  ],
  [
    'events from before',
    'gives a late subscriber the events from then on, and nothing else',
    'Expected the late subscriber to get the second event alone: expected ["b"], got ["a", "b"].',
  ],
  [
    'nothing for who comes again',
    'serves a subscriber that left and came back',
    'Expected an event for the subscriber that came back: nothing of it in 2000 ms.',
  ],
  [
    'no state for who comes late',
    'gives a late subscriber of status$ its state at once',
    'Expected status$ to be ready at once: expected [true], got [].',
  ],
  [
    'states left out',
    'goes from one state to the next as a connection does',
    'Expected legal states (idle, opened, ready, opened, ready, closed): ' +
      'expected [], got ["opened", "opened"].',
  ],
  [
    'an error for a lost connection',
    'never errors: it comes back, and events go on',
    'Expected nothing to end with a connection: expected [], got ["events$ errors"].',
  ],
  [
    'gaps too late',
    'announces a gap before the first event after it',
    'Expected one gap, on gaps$, between the events: expected ["a", "gap", "b"], got ["a", "b"',
  ],
  [
    'no end of events',
    'completes everything when it is closed, and no earlier',
    'Expected events$ completes, gaps$ completes, malformed$ completes, status$ completes ' +
      'after close(): nothing of it in 2000 ms.',
  ],
  [
    'no second close()',
    'may be closed twice, and before it was connected',
    'Expected close() to resolve the second time: it failed with Error(closed).',
  ],
  [
    'connect() without an answer once closed',
    'rejects connect() once it is closed',
    'Expected connect() after close(): expected "rejects", got "resolves".',
  ],
  [
    'requests handed out twice',
    'hands a server request to one handler, once, though it comes again',
    'Expected one handler to be called: expected 1, got 2.',
  ],
  [
    'requests approved by default',
    'leaves a server request open without a handler',
    'Expected no answer at the server: expected [], got [0].',
  ],
  [
    'failures in silence',
    'keeps a failing handler to itself, and reports it',
    'Expected the failures on router.errors$: expected ["boom", "boom"], got [].',
  ],
];

describe('sourceChecks', () => {
  test.each(flaws)('find %s, by: %s', async (flaw, title, message) => {
    const failed = await failing(async () => broken(flaw, await managerStage()), [title]);
    expect(failed.get(title)).toContain(message);
  });

  // Jest would fail the test itself: it is run without.
  test('find a promise that nobody catches, by: lets nothing escape that would end the process', async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('escaping-process.ts', import.meta.url))],
      alias: {
        '#websocket': fileURLToPath(new URL('../../../lib/node/websocket.ts', import.meta.url)),
      },
      bundle: true,
      format: 'esm',
      packages: 'external',
      platform: 'node',
      write: false,
    });
    const running = promisify(execFile)(process.execPath, ['--input-type=module', '-']);
    // It is too long for an argument.
    running.child.stdin?.end(outputFiles[0]!.text);
    const { stdout } = await running;
    expect(stdout.split('\n')).toEqual([
      'null',
      expect.stringContaining('Expected no uncaught error: expected [], got ["Error: nobody", '),
      '',
    ]);
  }, 20_000);

  test('have a negative control each', () => {
    const escaping = 'lets nothing escape that would end the process';
    expect([...flaws.map(([, title]) => title), escaping]).toEqual(
      sourceChecks.map(({ title }) => title),
    );
  });
});

describe('describeSource', () => {
  test('makes a suite with a test for each check, each with a fresh stage that is closed', async () => {
    const suites: string[] = [];
    const tests: [string, () => void | Promise<void>][] = [];
    let [made, closed] = [0, 0];
    const create = async () => {
      made++;
      const stage = await managerStage();
      const close = () => {
        closed++;
        return stage.close();
      };
      return { ...broken('no state for who comes late', stage), close };
    };
    describeSource('mine', create, {
      describe(title, suite) {
        suites.push(title);
        suite();
      },
      it: (title, run) => tests.push([title, run]),
    });
    expect([suites, made]).toEqual([['mine as a CodexStream'], 0]);
    expect(tests.map(([title]) => title)).toEqual(sourceChecks.map(({ title }) => title));
    await tests[0]![1]();
    await expect(tests[8]![1]()).rejects.toThrow('Expected status$ to be ready at once');
    expect([made, closed]).toEqual([2, 2]);
  });
});
