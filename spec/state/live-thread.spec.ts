import { describe, expect, test } from '@jest/globals';
import { threadState, type ThreadState } from 'codex-rx';
import { Subject } from 'rxjs';
import { completed, delta, message, threadId, turnCompleted, turnStarted } from './stage.js';
import { notification } from 'codex-rx/testing';
import { play, Refusal, storedThread, type VirtualStage } from './virtual.js';

const values = {
  s: turnStarted(),
  d: delta('m', 'ab'),
  c: completed(message('m', 'abab')),
  e: turnCompleted(),
  r: notification('thread/reverted', { threadId }),
  z: notification('thread/closed', { threadId }),
};

const stored = storedThread([{ id: 'turn-0', status: 'completed', items: [message('n', 'old')] }]);
const notStored = new Refusal(-32600, 'no rollout found for thread id x');
const broken = new Refusal(-32603, 'broken');

const short = ({ snapshot, error, turns }: ThreadState) =>
  [
    snapshot,
    ...(error ? [`(${error.message})`] : []),
    ...turns.map(({ id, items }) => `${id}:${items.map(({ text }) => text).join(',')}`),
  ].join(' ');

/** Reads the state, and notes each one. */
const read = ({ stream, note }: VirtualStage, name = '', options = {}) =>
  threadState(stream, threadId, { freeze: true, ...options }).subscribe({
    next: (state) => {
      note(`${name}${short(state)}`);
    },
    complete: () => {
      note(`${name}complete`);
    },
  });

describe('the first state', () => {
  test('comes with the first snapshot, and holds what was heard until then', () => {
    const { log } = play(
      '(sd)',
      values,
      () => stored,
      (stage) => {
        read(stage);
      },
    );
    expect(log).toEqual(['1 joined turn-0:old turn-1:ab']);
  });

  test('comes with the failure of the first snapshot', () => {
    const answers = () => broken;
    const { log } = play('(sd)-- 8ms |', values, answers, (stage) => {
      read(stage);
    });
    expect(log).toEqual(['1 failed (broken) turn-1:ab', '14 complete']);
  });

  test('of a thread without a turn says that nothing is stored; its first turn is joined', () => {
    const results = [notStored, stored];
    const { log, asked } = play(
      '60s s',
      values,
      () => results.shift(),
      (stage) => {
        read(stage);
      },
    );
    expect(asked).toEqual(['0 thread/resume', '60000 thread/resume']);
    expect(log).toEqual(['1 none', '60000 loading turn-1:', '60001 joined turn-0:old turn-1:']);
  });
});

describe('a snapshot', () => {
  test.each([
    [
      ['interrupted', 'inProgress'],
      [0, 501],
    ],
    [
      ['interrupted', 'interrupted'],
      [0, 501],
    ],
    [['inProgress'], [0]],
  ])('of a thread that runs, with the last turn %j, is read at %j', (statuses, times) => {
    const results = statuses.map((status) =>
      storedThread([{ id: 'turn-0', status }], { status: { type: 'active', activeFlags: [] } }),
    );
    const shown: unknown[] = [];
    const { asked } = play(
      '-- 5s |',
      values,
      () => results.shift(),
      (stage) => {
        threadState(stage.stream, threadId, { freeze: true }).subscribe(({ turns }) => {
          const [turn] = turns;
          if (turn?.status !== shown.at(-1)) shown.push(turn?.status);
        });
      },
    );
    expect(asked.map((entry) => parseInt(entry))).toEqual(times);
    expect(shown).toEqual([...new Set(statuses)]);
  });

  test('that fails is read again, later and later, and what was known stays', () => {
    const results: unknown[] = [stored, broken, broken, broken, stored];
    const { log, asked } = play(
      '',
      values,
      () => results.shift(),
      (stage) => {
        read(stage);
        stage.at(10, () => threadState(stage.stream, threadId, { freeze: true }).refresh());
      },
    );
    expect(asked.map((entry) => parseInt(entry))).toEqual([0, 10, 511, 1512, 3513]);
    expect(log).toEqual([
      '1 joined turn-0:old',
      '10 loading turn-0:old',
      '11 failed (broken) turn-0:old',
      '511 loading (broken) turn-0:old',
      '512 failed (broken) turn-0:old',
      '1512 loading (broken) turn-0:old',
      '1513 failed (broken) turn-0:old',
      '3513 loading (broken) turn-0:old',
      '3514 joined turn-0:old',
    ]);
  });

  test('is read one at a time, and once more if it was asked for meanwhile', () => {
    const { asked } = play(
      '',
      values,
      () => stored,
      (stage) => {
        read(stage);
        const states$ = threadState(stage.stream, threadId, { freeze: true });
        states$.refresh();
        states$.refresh();
        states$.refresh();
      },
    );
    expect(asked).toEqual(['0 thread/resume', '1 thread/resume']);
  });

  test('is read for readers only', () => {
    const { asked } = play(
      '',
      values,
      () => stored,
      ({ stream, note }) => {
        note(String(threadState(stream, threadId, { freeze: true }).refresh()));
      },
    );
    expect(asked).toEqual([]);
  });

  test('that does not know the thread any more is not read again', () => {
    // codex-manager says so of a session that was deleted.
    const gone = Object.assign(new Error('gone'), { status: 410 });
    const { asked, log } = play(
      '',
      values,
      () => gone,
      (stage) => {
        Reflect.deleteProperty(stage.stream, 'call');
        read(stage);
      },
    );
    expect(log).toEqual(['1 failed (gone)']);
    expect(asked).toHaveLength(1);
  });

  test('is read again after a gap, once the source has recovered', () => {
    const { log, asked } = play(
      's--!--^--d',
      values,
      () => stored,
      (stage) => {
        read(stage);
      },
    );
    expect(asked).toEqual(['0 thread/resume', '7 thread/resume']);
    expect(log).toEqual([
      '1 joined turn-0:old turn-1:',
      '6 loading turn-0:old turn-1:',
      '8 joined turn-0:old turn-1:',
      '9 joined turn-0:old turn-1:ab',
    ]);
  });

  test('is read again after a revert, and takes the turns away that are gone', () => {
    const results = [stored, storedThread([])];
    const { log } = play(
      '---(sce)---r',
      values,
      () => results.shift(),
      (stage) => {
        read(stage);
      },
    );
    expect(log.slice(-2)).toEqual(['11 loading turn-0:old turn-1:abab', '12 joined']);
  });

  test('is read again after the thread was closed: that follows it again', () => {
    const { asked } = play(
      '---z',
      values,
      () => stored,
      (stage) => {
        read(stage);
      },
    );
    expect(asked).toEqual(['0 thread/resume', '3 thread/resume']);
  });

  test('is read again when the Codex behind a server is back', () => {
    const { asked } = play(
      's',
      values,
      () => stored,
      (stage) => {
        const status = new Subject();
        Object.defineProperty(stage.stream, 'status$', { value: status });
        read(stage);
        const open = { state: 'open', phase: 'ready' };
        for (const [at, upstream] of ['up', 'down', 'down', 'up', 'up'].entries())
          stage.at(10 * at + 10, () => {
            status.next({ ...open, upstream });
          });
      },
    );
    expect(asked).toEqual(['0 thread/resume', '40 thread/resume']);
  });
});

describe('readers of a thread', () => {
  test('share it, and keep it for a moment after the last has left', () => {
    const { log, asked, stream } = play(
      '5s s--d',
      values,
      () => stored,
      (stage) => {
        const one = read(stage, 'one ');
        const other = read(stage, 'other ');
        stage.at(10, () => {
          one.unsubscribe();
          other.unsubscribe();
        });
        stage.at(1_009, () => {
          const again = read(stage, 'again ');
          stage.at(1, () => {
            again.unsubscribe();
          });
        });
        stage.at(2_011, () => {
          const late = read(stage, 'late ');
          stage.at(2, () => {
            late.unsubscribe();
          });
        });
        stage.at(4_000, () => {
          stage.note(String((stage.stream.router as never as { routes: [] }).routes.length));
        });
      },
    );
    expect(stream).toBeDefined();
    expect(asked).toEqual(['0 thread/resume', '2011 thread/resume']);
    expect(log).toEqual([
      '1 one joined turn-0:old',
      '1 other joined turn-0:old',
      '1009 again joined turn-0:old',
      '2012 late joined turn-0:old',
      '4000 0',
    ]);
  });

  test('get the state as often as they like', () => {
    const { log } = play(
      '---(sd)-d-d',
      values,
      () => stored,
      (stage) => {
        read(stage, '', { every: 20 });
      },
    );
    expect(log).toEqual(['1 joined turn-0:old', '21 joined turn-0:old turn-1:ababab']);
  });

  test('see the same order when one of them changes something', () => {
    const { log } = play(
      '',
      values,
      () => stored,
      (stage) => {
        const states$ = threadState(stage.stream, threadId, { freeze: true });
        let isFirst = true;
        states$.subscribe(() => {
          if (!isFirst) return;
          isFirst = false;
          states$.refresh();
        });
        read(stage);
      },
    );
    expect(log).toEqual(['1 loading turn-0:old', '2 joined turn-0:old']);
  });
});

test.each([
  ['"threadId" must be the id of a thread', '', {}],
  ['"evry" is not an option: did you mean "every"?', threadId, { evry: 1 }],
])('a call that is wrong is refused: %s', (why, id, options) => {
  const call = () =>
    play(
      '',
      values,
      () => stored,
      ({ stream }) => {
        void threadState(stream, id, options as never);
      },
    );
  expect(call).toThrow(why);
});
