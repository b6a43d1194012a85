import { describe, expect, test } from '@jest/globals';
import { createRouter, ofTurnStarted } from 'codex-rx';
import { envelope, marbles, notification, type MarbleTest } from 'codex-rx/testing';
import { concat, EMPTY, interval, map, NEVER, throwError, timer } from 'rxjs';

/** What a marble test that fails says. */
function failure(run: (test: MarbleTest) => void): string {
  try {
    marbles(run);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The test passes.');
}

const lines = (...all: readonly string[]) => all.join('\n');

const [a, b] = [envelope('a'), envelope('b', { n: 1 }, { threadId: 't1' })];
const delta = (delta: string) => notification('item/agentMessage/delta', { delta });

/** The diagrams of a failure alone, and what it says of the first difference. */
const head = (run: (test: MarbleTest) => void) => failure(run).split('\n\n')[0];

describe('a marble test that fails', () => {
  test('shows both diagrams, the first difference, and what the letters mean', () => {
    const message = failure(({ hot, expectObservable }) => {
      expectObservable(hot('--a---b-|', { a, b })).toBe('--a--b--|', { a, b });
    });
    expect(message).toBe(
      lines(
        'Expected  --a--b--|',
        'but got   --a---b-|',
        '               ^ frame 5: expected b (b of t1), got nothing; it came at frame 6',
        '',
        '  a  a',
        '  b  b of t1 { n: 1 }',
      ),
    );
  });

  test.each<[string, string, string, string]>([
    [
      'an event that is missing',
      ' -t-d-c-|',
      '-t---c-|',
      '   ^ frame 3: expected d (app_server.item.agent_message.delta of thread-1, turn-1), got nothing',
    ],
    [
      'one too many',
      ' -t---c-|',
      '-t-d-c-|',
      '   ^ frame 3: expected nothing, got d (app_server.item.agent_message.delta of thread-1, turn-1)',
    ],
    [
      'one that comes late',
      ' -t-d--c|',
      '-t---dc|',
      '   ^ frame 3: expected d (app_server.item.agent_message.delta of thread-1, turn-1), ' +
        'got nothing; it came at frame 5',
    ],
    [
      'one that comes early',
      ' -t---dc|',
      '-t-d--c|',
      '   ^ frame 3: expected nothing, got d (app_server.item.agent_message.delta of thread-1, ' +
        'turn-1); it was expected at frame 5',
    ],
    [
      'a wrong order',
      ' -t-d-c-|',
      '-t-c-d-|',
      '   ^ frame 3: expected d (app_server.item.agent_message.delta of thread-1, turn-1), ' +
        'got c (app_server.turn.completed of thread-1, turn-1); it came at frame 5',
    ],
    [
      'a wrong order in one frame',
      ' -(tdc)-|',
      '-(tcd)-|',
      '   ^ frame 1: expected d (app_server.item.agent_message.delta of thread-1, turn-1), ' +
        'got c (app_server.turn.completed of thread-1, turn-1)',
    ],
    [
      'an early end',
      ' -t-----|',
      '-t---|',
      '     ^ frame 5: expected nothing, got the end; it was expected at frame 7',
    ],
    [
      'a late end',
      ' -t---|',
      '-t-----|',
      '     ^ frame 5: expected the end, got nothing; it came at frame 7',
    ],
    ['no end', ' -t---|', '-t------', '     ^ frame 5: expected the end, got nothing'],
    [
      'an error and no end',
      ' -t---|',
      '-t---#',
      '     ^ frame 5: expected the end, got the error Error(boom)',
    ],
    [
      'an end and no error',
      ' -t---#',
      '-t---|',
      '     ^ frame 5: expected the error Error(boom), got the end',
    ],
  ])('tells of %s', (_, expected, actual, difference) => {
    const boom = new Error('boom');
    const message = head(({ hot, expectObservable }) => {
      expectObservable(hot(actual, {}, boom)).toBe(expected, {}, boom);
    });
    const [first, second, third] = message?.split('\n') ?? [];
    expect(first?.replace(/-+$/, '')).toBe(`Expected  ${expected.trim()}`);
    expect(second?.replace(/-+$/, '')).toBe(`but got   ${actual.replace(/-+$/, '')}`);
    expect(third).toBe(' '.repeat(10) + difference);
  });

  test('tells where a value differs, and shows both', () => {
    const x = notification('item/started', {
      item: { type: 'commandExecution', command: 'ls -l', id: 'i' },
    });
    const y = notification('item/started', {
      item: { type: 'commandExecution', command: 'ls -a', status: 'completed' },
    });
    const message = failure(({ hot, expectEnvelopes }) => {
      expectEnvelopes(hot('-t-y-|', { y })).toBe('-t-x-|', { x });
    });
    expect(message).toBe(
      lines(
        'Expected  -t-x-|',
        'but got   -t-y-|',
        '             ^ frame 3: expected x (app_server.item.started of thread-1, turn-1), got y (app_server.item.started of thread-1, turn-1)',
        '',
        '  payload.params.item.id: expected "i", got "call-1"',
        '  payload.params.item.command: expected "ls -l", got "ls -a"',
        '  payload.params.item.status: expected "inProgress", got "completed"',
        '',
        '  t  app_server.turn.started of thread-1, turn-1 { turn: { id: "turn-1", items: [], itemsView: "notLoade…',
        '  x  app_server.item.started of thread-1, turn-1 { item: { command: "ls -l", commandActions: [], cwd: "/…',
        '  y  app_server.item.started of thread-1, turn-1 { item: { command: "ls -a", commandActions: [], cwd: "/…',
      ),
    );
  });

  test('does not list the differences of what has nothing in common', () => {
    const message = failure(({ hot, expectEnvelopes }) => {
      expectEnvelopes(hot('-t-|')).toBe('-c-|');
    });
    expect(message).not.toContain('payload');
  });

  test('tells of a failure only what was expected of it', () => {
    const message = failure(({ hot, expectErrors }) => {
      const router = createRouter();
      router.on(ofTurnStarted(), () => throwError(() => new Error('boom')), { name: 'save' });
      expectErrors(router).toBe('-t', { t: { route: 'save', cause: new Error('bang') } });
      router.connect(hot('-t'));
    });
    expect(message).toBe(
      lines(
        'Expected  -t',
        'but got   -a',
        '           ^ frame 1: expected t ({ route: "save", cause: Error(bang) }), got a (HandlerError(Route "save" failed in its handler on app_server.turn.started: boom) caused by Error(b…)',
        '',
        '  cause: expected Error(bang), got Error(boom)',
        '',
        '  t  { route: "save", cause: Error(bang) }',
        '  a  HandlerError(Route "save" failed in its handler on app_server.turn.started: boom) caused by Error(b…',
      ),
    );
  });

  test('shows values by the letters that the test has given them, wherever it did', () => {
    const message = head(({ hot, expectEnvelopes }) => {
      const source = hot('-u-t-v-|', { u: delta('1'), v: delta('2') });
      expectEnvelopes(source).toBe('-t-v-w-|', { v: delta('3'), w: delta('4') });
    });
    expect(message).toContain('Expected  -t-v-w-|\nbut got   -u-t-a-|');
  });

  test('has a letter for each value that has none, as long as there are any', () => {
    const message = failure(({ expectObservable }) => {
      expectObservable(interval(1), '^ 50ms !').toBe('-a', { a: 0 });
    });
    expect(message).toContain('but got   -abgjlmuvwxyz0123456789nipderqksotcfh????????????');
    expect(message.split('\n').at(-1)).toBe('  …');
  });

  test('explains no letter that is its own value', () => {
    const message = failure(({ cold, expectObservable }) => {
      expectObservable(cold('-a-b|')).toBe('-a-a|');
    });
    expect(message).toBe(
      lines('Expected  -a-a|', 'but got   -a-b|', '             ^ frame 3: expected a, got b'),
    );
  });

  test('says what may be the reason, if nobody has connected a stream', () => {
    const message = failure(({ stream, expectErrors }) => {
      expectErrors(stream('-t-c-|')).toBe('-t');
    });
    expect(message).toMatch(
      /\n\nThe stream was never connected: subscribe to its events\$, or call its connect\(\)\.$/,
    );
  });
});

describe('what a failure draws', () => {
  const drawn = (run: (test: MarbleTest) => void) => head(run)?.split('\n').slice(0, 3);

  test('writes silence that is long, as one may in a diagram', () => {
    expect(
      drawn(({ expectObservable }) => {
        const source = concat(timer(60_000), timer(500), timer(10_000)).pipe(map(() => 'a'));
        expectObservable(source).toBe('1m a 499ms a 10s (a|)');
      }),
    ).toEqual([
      'Expected  1m a 499ms a 9999ms -(a|)',
      'but got   1m a 499ms a 9999ms (a|)',
      expect.stringMatching(/^ {31}\^ frame 70500: expected nothing, got a; it was expected/),
    ]);
  });

  test('shows what is around the difference, if a line cannot hold all', () => {
    expect(
      drawn(({ expectObservable }) => {
        const source = interval(10).pipe(map((n) => (n === 60 ? 'y' : 'a')));
        const expected = `-${'---------a'.repeat(100)}`;
        expectObservable(source, '^ 995ms !').toBe(expected);
      }),
    ).toEqual([
      `Expected  … ${'a---------'.repeat(9)}a …`,
      `but got   … ${'a---------'.repeat(5)}y${'---------a'.repeat(4)} …`,
      expect.stringMatching(/^ {62}\^ frame 610: expected a, got y$/),
    ]);
  });

  test('shows nothing but time on a side without events', () => {
    expect(
      drawn(({ expectObservable }) => {
        expectObservable(NEVER).toBe('--|');
      }),
    ).toEqual([
      'Expected  --|',
      'but got   ---',
      '            ^ frame 2: expected the end, got nothing',
    ]);
    expect(
      drawn(({ expectObservable }) => {
        expectObservable(EMPTY).toBe('--');
      })?.slice(0, 2),
    ).toEqual(['Expected  -', 'but got   |']);
  });
});

describe('subscriptions that differ', () => {
  test.each<[string, readonly string[], readonly string[], string]>([
    [
      'end early',
      ['^-----!'],
      ['^---!'],
      '    ^ frame 4: expected the subscription to end at frame 6, it ended at frame 4',
    ],
    [
      'end late',
      ['^---!'],
      ['^-----!'],
      '    ^ frame 4: expected the subscription to end at frame 4, it ended at frame 6',
    ],
    [
      'never end',
      ['^---!'],
      ['^'],
      '    ^ frame 4: expected the subscription to end at frame 4, it did not',
    ],
    [
      'should not end',
      ['^'],
      ['^---!'],
      '    ^ frame 4: expected the subscription not to end, it ended at frame 4',
    ],
    [
      'begin late',
      ['^----!'],
      ['--^--!'],
      '^ frame 0: expected the subscription to begin at frame 0, it began at frame 2',
    ],
    [
      'are missing',
      ['^----!', '--^--!'],
      ['^----!'],
      '  ^ frame 2: expected subscription 2 to begin, got none',
    ],
    [
      'are too many',
      ['^----!'],
      ['^----!', '--^--!'],
      '  ^ frame 2: expected subscription 2 not to be',
    ],
    ['never were', ['^'], [], '^ frame 0: expected the subscription to begin, got none'],
  ])('are drawn, and told: they %s', (_, expected, actual, difference) => {
    const message = failure(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('---------');
      for (const life of actual) expectObservable(source, life).toBe('---------');
      expectSubscriptions(source.subscriptions).toBe(expected);
    });
    const side = (label: string, rows: readonly string[]) =>
      (rows.length > 0 ? rows : ['nothing']).map(
        (row, index) => (index > 0 ? ' '.repeat(10) : label) + row,
      );
    const trimmed = message.split('\n').map((line) => line.replace(/-+$/, ''));
    expect(trimmed).toEqual([
      ...side('Expected  ', expected),
      ...side('but got   ', actual),
      ' '.repeat(10) + difference,
    ]);
  });
});
