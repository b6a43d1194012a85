import { describe, expect, test } from '@jest/globals';
import {
  coalesceDeltas,
  createThreadFold,
  type Envelope,
  type ProtocolItem,
  type ThreadSnapshot,
  type ThreadView,
} from 'codex-rx';
import { from } from 'rxjs';
import { toEvent } from '../../lib/app-server/to-event.js';
import { appServerFrames } from '../recordings/index.js';
import {
  command,
  completed,
  delta,
  message,
  output,
  started,
  turnCompleted,
  turnStarted,
  userMessage,
} from './stage.js';

/** Numbers from 0 up to 1, the same in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The events of each thread of the recordings that has any turn. */
const logs = new Map<string, Envelope[]>();
for (const { file, sock, frame } of appServerFrames) {
  const event = toEvent(frame as never);
  if (event.threadId === null) continue;
  const key = `${file} ${sock} ${event.threadId}`;
  logs.set(key, [...(logs.get(key) ?? []), event]);
}

/** Turns of a made-up thread, with commands that go on after their turn. */
function madeLog(seed: number): Envelope[] {
  const random = randomOf(seed);
  const log: Envelope[] = [];
  let time = 1;
  const at = () => ({ startedAtMs: time++ });
  for (let turn = 0; turn < 4; turn++) {
    const id = `turn-${turn}`;
    log.push(turnStarted(id));
    let waiting: Envelope | null = null;
    for (let item = 0; item < 4; item++) {
      const name = `${id}-${item}`;
      if (random() < 0.3) {
        const times = at();
        log.push(started(command(name, times), id), output(name, 'l2', id));
        const end = completed(
          command(name, { ...times, status: 'completed', aggregatedOutput: 'l1l2' }),
          id,
        );
        if (random() < 0.5) log.push(end);
        else waiting = end;
      } else {
        const times = at();
        log.push(started(message(name, '', times), id), delta(name, 'a', id), delta(name, 'b', id));
        log.push(completed(message(name, 'ab', times), id));
      }
    }
    if (waiting && random() < 0.5) log.push(waiting, turnCompleted(id));
    else log.push(turnCompleted(id), ...(waiting ? [waiting] : []));
  }
  return log;
}

/**
 * A turn whose agent answers messages that join it, and is silent about some.
 *
 * @param isTimed Whether what a user says has a time.
 * @param isRepeated Whether the end repeats the last that the agent said.
 */
function joinedLog(random: () => number, isTimed: boolean, isRepeated: boolean): Envelope[] {
  const log: Envelope[] = [turnStarted()];
  let last: readonly ProtocolItem[] = [];
  for (let n = 0; n < 8; n++) {
    const times = { startedAtMs: 1 + n };
    const isUser = n === 0 || random() < 0.4;
    if (isUser) {
      const item = userMessage(`item-${n}`, isTimed ? times : { startedAtMs: null });
      log.push(started(item), completed(item));
    } else {
      const parts = ['a', 'b', 'c', 'd'].slice(0, 1 + Math.floor(random() * 4));
      last = [message(`item-${n}`, parts.join(''), times)];
      log.push(started(message(`item-${n}`, '', times)));
      log.push(...parts.map((part) => delta(`item-${n}`, part)));
      log.push(...last.map((item) => completed(item)));
    }
  }
  log.push(turnCompleted('turn-1', 'completed', isRepeated ? last : []));
  return log;
}

const threadOf = (log: readonly Envelope[]): string => log[0]?.threadId as string;

function fold(log: readonly Envelope[]): ThreadView {
  const fold = createThreadFold(threadOf(log), { freeze: true });
  for (const event of log) fold.push(event);
  return fold.view();
}

/** Completed items, turns and their order. */
const over = ({ turns }: ThreadView) =>
  turns.map(({ id, status, items }) => ({
    id,
    status,
    items: items
      .filter(({ state }) => state === 'completed')
      .map(({ id, text }) => `${id} ${text}`),
  }));

const idsOfAll = ({ turns }: ThreadView): readonly string[] =>
  turns.flatMap(({ items }) => items.map(({ id }) => id));

const idsOfCompleted = ({ turns }: ThreadView): readonly string[] =>
  turns.flatMap(({ items }) =>
    items.filter(({ state }) => state === 'completed').map(({ id }) => id),
  );

/** What a server stores of these events: completed items in order of completion, running commands. */
function storedOf(log: readonly Envelope[]): ThreadSnapshot {
  const view = fold(log);
  const order = log
    .filter(({ type }) => type === 'app_server.item.completed')
    .map(({ payload }) => (payload as { params: { item: never } }).params.item as { id: string });
  const running = log
    .filter(({ type }) => type === 'app_server.item.started')
    .map(
      ({ payload }) =>
        (payload as { params: { item: never } }).params.item as { id: string; type: string },
    )
    .filter(({ id, type }) => type === 'commandExecution' && !order.some((item) => item.id === id));
  return {
    turns: view.turns.map(({ id, status, items }) => ({
      id,
      status,
      items: [...order, ...running].filter((item) =>
        items.some((known) => known.id === item.id),
      ) as never,
    })),
  };
}

const madeLogs = Array.from({ length: 20 }, (_, seed) => madeLog(seed));
const recordedLogs = [...logs.values()].filter((log) => fold(log).turns.length > 0);

/** How many gaps are tried: `GAPS=20000` for more. */
const gaps = Number(process.env['GAPS'] ?? 3_000);

describe('the fold of any log', () => {
  test('is the same however often it is looked at', () => {
    for (const log of [...recordedLogs, ...madeLogs]) {
      const fold2 = createThreadFold(threadOf(log), { freeze: true });
      for (const event of log) {
        fold2.push(event);
        fold2.view();
      }
      expect(JSON.stringify(fold2.view())).toBe(JSON.stringify(fold(log)));
    }
  });

  test('is the same of deltas that were merged', () => {
    for (const log of [...recordedLogs, ...madeLogs]) {
      for (const maxChars of [1, 7, 4_096]) {
        const merged: Envelope[] = [];
        from(log)
          .pipe(coalesceDeltas({ maxChars }))
          .subscribe((event) => merged.push(event));
        expect(JSON.stringify(fold(merged).turns)).toBe(JSON.stringify(fold(log).turns));
      }
    }
  });

  test('does not change in what is over when a suffix of the log comes twice', () => {
    const random = randomOf(1);
    for (const log of [...recordedLogs, ...madeLogs]) {
      const isOpen = fold(log).turns.some(({ status }) => status === 'inProgress');
      if (isOpen) continue;
      for (let round = 0; round < 5; round++) {
        const suffix = log.slice(Math.floor(random() * log.length));
        expect(over(fold([...log, ...suffix]))).toEqual(over(fold(log)));
      }
    }
  });

  test('never changes a view that was handed out, and only grows the text of a revision', () => {
    const random = randomOf(2);
    for (const log of [...recordedLogs, ...madeLogs]) {
      const fold = createThreadFold(threadOf(log), { freeze: true });
      const views: [ThreadView, string][] = [];
      let shown = new Map<string, { revision: number; text: string }>();
      for (const event of log) {
        fold.push(event);
        if (random() < 0.1) fold.gap();
        const view = fold.view();
        if (random() < 0.2) views.push([view, JSON.stringify(view)]);
        // Read later than it was made: the text is joined then.
        else views.push([view, '']);
        const next = new Map<string, { revision: number; text: string }>();
        for (const { id, revision, text } of view.turns.flatMap(({ items }) => items)) {
          const before = shown.get(id);
          if (before?.revision === revision) expect(text.startsWith(before.text)).toBe(true);
          next.set(id, { revision, text });
        }
        shown = next;
      }
      const lengths = (view: ThreadView) =>
        view.turns.flatMap(({ items }) => items.map(({ length, text }) => [length, text.length]));
      for (const [view, json] of views) {
        if (json !== '') expect(JSON.stringify(view)).toBe(json);
        for (const [length, text] of lengths(view)) expect(text).toBe(length);
      }
    }
  });

  test('ends alike over a random gap, with a snapshot of a random moment', () => {
    const random = randomOf(3);
    const candidates = [...madeLogs, ...recordedLogs]
      .filter((log) => log.length > 20)
      .map((log) => ({ log, whole: over(fold(log)) }));
    for (let round = 0; round < gaps; round++) {
      const { log, whole } = candidates[round % candidates.length] as (typeof candidates)[number];
      const below = (bound: number) => Math.floor(random() * bound);
      const from = below(log.length - 10);
      const to = from + below(Math.min(60, log.length - from - 1)) + 1;
      // Taken after the connection is back, older or newer than the last live event.
      const taken = to + below(log.length - to + 1);
      const mergedAt = to + below(log.length - to + 1);
      const fold2 = createThreadFold(threadOf(log), { freeze: true });
      for (const event of log.slice(0, from)) fold2.push(event);
      fold2.gap();
      const after = fold2.count;
      for (const event of log.slice(to, mergedAt)) fold2.push(event);
      fold2.merge(storedOf(log.slice(0, taken)), after);
      for (const event of log.slice(mergedAt)) fold2.push(event);
      expect({ round, over: over(fold2.view()) }).toEqual({ round, over: whole });
    }
  });

  test('has the order of the server, whenever it begins to listen and whatever is lost', () => {
    for (let round = 0; round < gaps / 3; round++) {
      const random = randomOf(round);
      const below = (bound: number) => Math.floor(random() * bound);
      // What runs beside another item has a place for certain once its time is known.
      const isParallel = random() < 0.4;
      const idsOf = isParallel ? idsOfCompleted : idsOfAll;
      const isTimed = isParallel || random() < 0.5;
      const isRepeated = random() < 0.5;
      const log = isParallel ? madeLog(round) : joinedLog(random, isTimed, isRepeated);
      const order = idsOf(fold(log));
      const listening = createThreadFold(threadOf(log), { freeze: true });
      let isLost = false;
      let reading: { readonly after: number; readonly at: number } | null = null;
      for (let at = below(log.length); at <= log.length; at++) {
        // Without times nothing tells in which of two gaps that was lost which only the end names.
        if ((isTimed || !isRepeated) && random() < 0.15) {
          isLost = !isLost;
          if (!isLost) listening.gap();
          // What was asked for before a gap is of no use.
          reading = isLost ? null : { after: listening.count, at };
        }
        if (reading && random() < 0.3) {
          const taken = reading.at + below(at - reading.at + 1);
          listening.merge(storedOf(log.slice(0, taken)), reading.after);
          reading = null;
        }
        if (!isLost && at < log.length) listening.push(log[at] as Envelope);
        const heard = idsOf(listening.view());
        expect({ round, heard }).toEqual({
          round,
          heard: order.filter((item) => heard.includes(item)),
        });
      }
    }
  });
});
