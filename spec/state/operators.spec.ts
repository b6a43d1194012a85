import { describe, expect, test } from '@jest/globals';
import {
  coalesceDeltas,
  completedCommands,
  foldThread,
  itemsOf,
  runningText,
  type Envelope,
  type TurnView,
} from 'codex-rx';
import { from, interval, map, mergeMap, take, toArray, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  command,
  completed,
  delta,
  message,
  started,
  threadId,
  turnCompleted,
  turnStarted,
} from './stage.js';

const log = [
  turnStarted(),
  started(message('m')),
  delta('m', 'a'),
  delta('m', 'b'),
  delta('n', 'x'),
  delta('m', 'c'),
  completed(message('m', 'abc')),
  completed(command('c', { status: 'completed' })),
  turnCompleted(),
];

const run = (task: Parameters<TestScheduler['run']>[0]) =>
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  }).run(task);

function valuesOf<T>(values$: Observable<T>): readonly T[] {
  const values: T[] = [];
  values$.subscribe((value) => values.push(value));
  return values;
}

const textOf = ({ payload }: Envelope) => (payload as { params: { delta?: string } }).params.delta;

describe('foldThread', () => {
  test('emits the view after each event that changes it', () => {
    const views = valuesOf(from([...log, log[0] as Envelope]).pipe(foldThread(threadId)));
    expect(views).toHaveLength(log.length);
    expect(views.at(-1)?.turns).toMatchObject([{ status: 'completed' }]);
  });

  test('takes the thread of the first event that has one', () => {
    expect(valuesOf(from(log).pipe(foldThread())).at(-1)?.id).toBe(threadId);
  });

  test('emits at most one view in a time, and the last one in the end', () => {
    run(({ cold, expectObservable }) => {
      const events$ = cold('(abc)d------e|', {
        a: log[0],
        b: log[1],
        c: log[2],
        d: log[3],
        e: log[5],
      } as never);
      const texts$ = (events$ as unknown as Observable<Envelope>).pipe(
        foldThread(threadId, { every: 5 }),
        map(({ turns }) => turns[0]?.items[0]?.text),
      );
      expectObservable(texts$).toBe('-----x-------(y|)', { x: 'ab', y: 'abc' });
    });
  });

  test('gives at most 63 views a second of 20,000 deltas, the last one complete', () => {
    run(({ expectObservable }) => {
      const deltas$ = interval(1).pipe(
        take(1_000),
        mergeMap(() => Array.from({ length: 20 }, () => delta('m', 'x'))),
      );
      const views$ = deltas$.pipe(foldThread(threadId, { every: 16 }), toArray());
      const summary$ = views$.pipe(
        map((views) => [views.length <= 63, views.at(-1)?.turns[0]?.items[0]?.length]),
      );
      expectObservable(summary$).toBe('1s (x|)', { x: [true, 20_000] });
    });
  });
});

describe('coalesceDeltas', () => {
  test('gives the first delta at once, and merges the others of its item in order', () => {
    const events = valuesOf(from(log).pipe(coalesceDeltas()));
    expect(events.map(textOf)).toEqual([
      undefined,
      undefined,
      'a',
      'b',
      'x',
      'c',
      undefined,
      undefined,
      undefined,
    ]);
    const many = Array.from({ length: 5 }, (_, index) => delta('m', String(index)));
    expect(valuesOf(from([...many, turnCompleted()]).pipe(coalesceDeltas())).map(textOf)).toEqual([
      '0',
      '1234',
      undefined,
    ]);
  });

  test('emits what it has gathered when its time has passed, or when it is long', () => {
    run(({ cold, expectObservable }) => {
      const letters = { a: delta('m', 'a'), b: delta('m', 'b'), c: delta('m', 'c') };
      const events$ = cold('abc-------|', letters) as unknown as Observable<Envelope>;
      expectObservable(events$.pipe(coalesceDeltas({ every: 5 }), map(textOf))).toBe(
        'a----x----|',
        { a: 'a', x: 'bc' },
      );
    });
    const long = [delta('m', 'a'), delta('m', 'bb'), delta('m', 'cc'), delta('m', 'd')];
    expect(valuesOf(from(long).pipe(coalesceDeltas({ maxChars: 4 }))).map(textOf)).toEqual([
      'a',
      'bbcc',
      'd',
    ]);
  });

  test('counts what it has merged, over all subscriptions', () => {
    const coalesce = coalesceDeltas();
    expect(coalesce.merged).toBe(0);
    const many = from(Array.from({ length: 5 }, (_, index) => delta('m', String(index))));
    expect(valuesOf(many.pipe(coalesce))).toHaveLength(2);
    expect(coalesce.merged).toBe(3);
    expect(valuesOf(many.pipe(coalesce))).toHaveLength(2);
    expect(coalesce.merged).toBe(6);
  });

  test('changes nothing in what is folded', () => {
    const fold = (events$: Observable<Envelope>) =>
      valuesOf(events$.pipe(foldThread(threadId), toArray())).map((views) => views.at(-1)?.turns);
    expect(fold(from(log).pipe(coalesceDeltas()))).toEqual(fold(from(log)));
  });
});

test('itemsOf and completedCommands give the items of a kind', () => {
  const views$ = from(log).pipe(foldThread(threadId));
  expect(valuesOf(views$.pipe(itemsOf('agentMessage'))).at(-1)).toMatchObject([{ text: 'abc' }]);
  expect(valuesOf(views$.pipe(completedCommands())).at(-1)).toMatchObject([{ id: 'c' }]);
});

describe('runningText', () => {
  test('gives what is new, each message from the beginning of a line', () => {
    const events = [started(message('m')), started(message('n')), ...log];
    const texts$ = from(events).pipe(foldThread(threadId), runningText());
    expect(valuesOf(texts$)).toEqual(['a', 'b', '\nx', '\nc', '\n']);
  });

  test('writes a text anew that was replaced, and ends no line twice', () => {
    const deltas = [delta('m', 'a\n'), delta('m', 'b')];
    const events = [started(message('m')), ...deltas, completed(message('m', 'whole\n'))];
    const texts$ = from(events).pipe(foldThread(threadId), runningText());
    expect(valuesOf(texts$)).toEqual(['a\n', 'b', '\nwhole\n']);
  });

  test('waits for the whole of a message whose beginning was not heard', () => {
    const texts$ = from([delta('m', 'end'), completed(message('m', 'The end'))]);
    expect(valuesOf(texts$.pipe(foldThread(threadId), runningText()))).toEqual(['The end', '\n']);
  });

  test('takes the views of a turn, and another kind', () => {
    const views$ = from([completed(command('c', { aggregatedOutput: 'out' }))]).pipe(
      foldThread(threadId),
      map(({ turns }) => turns[0] as TurnView),
    );
    expect(valuesOf(views$.pipe(runningText()))).toEqual([]);
    expect(valuesOf(views$.pipe(runningText('commandExecution')))).toEqual(['out', '\n']);
  });
});
