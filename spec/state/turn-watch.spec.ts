import { describe, expect, test } from '@jest/globals';
import { watchTurn, type TurnOutcome, type WatchTurnOptions } from 'codex-rx';
import { asyncScheduler } from 'rxjs';
import { onAppServer, threadId, turnId, type Answers } from './turn-stage.js';

/** How a turn ended, and when; `null` if it has not. */
type End = readonly [string, string, number] | null;

interface Watched {
  readonly end: End;
  readonly outcome: TurnOutcome | null;
  readonly activities: readonly string[];
  /** When the server was asked. */
  readonly asked: readonly number[];
}

/** Watches a turn of app-server: what the server says when it is asked, by the time of the question. */
function watchOnAppServer(diagram: string, answers: Answers, options?: WatchTurnOptions): Watched {
  const activities: string[] = [];
  let outcome: TurnOutcome | null = null;
  let end: End = null;
  const asked = onAppServer(diagram, answers, (stream) => {
    watchTurn(stream, { threadId, turnId }, options).view$.subscribe((view) => {
      if (activities.at(-1) !== view.activity) activities.push(view.activity);
      ({ outcome } = view);
      if (outcome) end = [outcome.status, outcome.by, asyncScheduler.now()];
    });
  });
  return { end, outcome, activities, asked: asked.map((question) => parseInt(question)) };
}

const stored = (turns: readonly string[], type: string) => ({
  thread: {
    id: threadId,
    status: { type },
    turns: turns.map((status) => ({ id: turnId, status, items: [] })),
  },
});

const running = stored(['inProgress'], 'active');
const completed = stored(['completed'], 'idle');
const interrupted = stored(['interrupted'], 'idle');
/** As the server may read a turn that has just begun. */
const doubtful = stored(['interrupted'], 'active');
const failed = stored(['failed'], 'systemError');
const unloaded = stored(['inProgress'], 'notLoaded');

const says =
  (answer: unknown): Answers =>
  () =>
    answer;

/** What it says from a time on; until then, that the turn runs. */
const until =
  (time: number, answer: unknown): Answers =>
  () =>
    asyncScheduler.now() < time ? running : answer;

const refusal = Object.assign(new Error('no rollout found'), { kind: 'refused', code: -32600 });

describe('a turn of codex app-server ends', () => {
  test.each<[string, string, Answers, End]>([
    ['with its completion', '-tidozc', says(running), ['completed', 'event', 6]],
    ['with its failure', '-ty-e-f', says(running), ['failed', 'event', 6]],
    ['with an interruption', '-tizh', says(running), ['interrupted', 'event', 4]],
    ['after a retry', '-twdoc', says(running), ['completed', 'event', 5]],
    ['when it is over already', '--', says(completed), ['completed', 'reconciled', 1]],
    ['when it was interrupted already', '--', says(interrupted), ['interrupted', 'reconciled', 1]],
    [
      'when it is interrupted while its thread runs, after a second look',
      '--',
      says(doubtful),
      ['interrupted', 'reconciled', 1002],
    ],
    ['after an idle without an end', '-tz', until(2, completed), ['completed', 'reconciled', 1003]],
    ['after a systemError without an end', '-ty', until(2, failed), ['failed', 'reconciled', 1003]],
    [
      'after its thread is unloaded',
      '-tn',
      until(2, interrupted),
      ['interrupted', 'reconciled', 1003],
    ],
    ['after its thread is closed', '-tx', until(2, completed), ['completed', 'reconciled', 1003]],
    ['after a silence', '-tid', until(4, completed), ['completed', 'reconciled', 30_004]],
    ['in a gap', '-tid!c-^-', until(5, completed), ['completed', 'gap', 9]],
    ['after a gap', '-tid!--^-c', says(running), ['completed', 'event', 9]],
    ['in a restart', '-tid!--^-', until(5, interrupted), ['interrupted', 'gap', 9]],
    [
      'incomplete if its thread does nothing',
      '-tid!--^-',
      until(5, unloaded),
      ['incomplete', 'gap', 1010],
    ],
    [
      'incomplete if it is not stored',
      '-tz',
      until(2, stored([], 'idle')),
      ['incomplete', 'reconciled', 2004],
    ],
    [
      'incomplete if its thread is refused again and again',
      '--',
      says(refusal),
      ['incomplete', 'reconciled', 7505],
    ],
    ['incomplete when the stream is closed', '-tid|', says(running), ['incomplete', 'closed', 4]],
    [
      'by its event if the stream is closed before a gap is read',
      '-ti!-^c|',
      says(null),
      ['completed', 'event', 7],
    ],
    ['by its event if a gap cannot be read', '-ti!-^c', says(null), ['completed', 'event', 10_006]],
  ])('%s', (_, diagram, answers, end) => {
    expect(watchOnAppServer(diagram, answers).end).toEqual(end);
  });

  test('at the limit of its caller, and no request was stopped', () => {
    const { end, activities } = watchOnAppServer('-tir', says(running), { limit: 90_000 });
    expect(end).toEqual(['incomplete', 'timeout', 90_000]);
    expect(activities).toEqual(['running', 'waiting']);
  });

  test.each([
    ['the end of another turn', '-tTCz 5s |'],
    ['an error that is retried', '-tw 5s |'],
    ['an idle of a thread that is active by now', '-tza 5s |'],
    ['the end of a message', '-tido 5s |'],
  ])('not with %s', (_, diagram) => {
    expect(watchOnAppServer(diagram, says(running)).end?.[1]).toBe('closed');
  });
});

test('a turn that is read as interrupted when it has just begun goes on', () => {
  const answers: Answers = () => (asyncScheduler.now() < 500 ? doubtful : running);
  const statuses: string[] = [];
  let end: End = null;
  onAppServer('--- 2s c', answers, (stream) => {
    watchTurn(stream, { threadId, turnId }).view$.subscribe(({ status, outcome }) => {
      if (statuses.at(-1) !== status) statuses.push(status);
      if (outcome) end = [outcome.status, outcome.by, asyncScheduler.now()];
    });
  });
  expect(statuses).toEqual(['inProgress', 'interrupted', 'inProgress', 'completed']);
  expect(end).toEqual(['completed', 'event', 2003]);
});

describe('a turn that nothing is heard of', () => {
  test('is stalled after quiet, and is asked about after each further one', () => {
    const { activities, asked } = watchOnAppServer('-ti 350ms |', says(running), { quiet: 100 });
    expect(activities).toEqual(['running', 'stalled']);
    expect(asked).toEqual([0, 102, 202, 302]);
  });

  test('runs again with its next sign of life', () => {
    const { activities } = watchOnAppServer('-ti 150ms d 50ms |', says(running), { quiet: 100 });
    expect(activities).toEqual(['running', 'stalled', 'running']);
  });

  test('runs as long as a command of it runs, and is asked about all the same', () => {
    const { activities, asked } = watchOnAppServer('-tv 150ms |', says(running), { quiet: 100 });
    expect(activities).toEqual(['running']);
    expect(asked).toEqual([0, 102]);
  });

  test('waits as long as a request is open, and is not asked about', () => {
    const diagram = '-tir 350ms s 150ms |';
    const { activities, asked } = watchOnAppServer(diagram, says(running), { quiet: 100 });
    expect(activities).toEqual(['running', 'waiting', 'running', 'stalled']);
    expect(asked).toEqual([0, 454]);
  });

  test('is read once more when a gap interrupts the read', () => {
    const { asked } = watchOnAppServer('!-^ 5ms |', says(null));
    expect(asked).toEqual([0, 2]);
  });
});
