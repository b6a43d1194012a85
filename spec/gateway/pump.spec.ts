import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { createPump } from '../../lib/gateway/pump.js';
import type { Log, LogEntry } from '../../lib/gateway/log.js';
import { pieceBytes } from '../../lib/gateway/wire.js';

/** A log that answers at once, or when the test says so. */
function createLog(bound: number, isLater: boolean) {
  let entries: LogEntry[] = [];
  let last = 0;
  const appended = new Subject<void>();
  const waiting: (() => void)[] = [];
  const log: Log = {
    epoch: 'e',
    get first() {
      return last - entries.length + 1;
    },
    get last() {
      return last;
    },
    append(record) {
      entries = [...entries, { ...record, seq: ++last }].slice(-bound);
      appended.next();
    },
    read(from, max) {
      const found = entries.filter(({ seq }) => seq >= from).slice(0, max);
      if (!isLater) return found;
      return new Promise((resolve) => {
        waiting.push(() => {
          resolve(found);
        });
      });
    },
    appended$: appended,
  };
  return { log, waiting };
}

/** A pump to a reader that takes everything: the numbers that it got, and -1 if it fell behind. */
function pumpAll(log: Log) {
  const got: number[] = [];
  const pump = createPump({
    log,
    after: 0,
    accepts: () => true,
    write: (entries) => got.push(...entries.map(({ seq }) => seq)),
    isFull: () => false,
    fellBehind: () => got.push(-1),
  });
  return { pump, got };
}

// Of two of them, one piece is full.
const record = { type: 'x', requestKey: null, at: 0, frame: Buffer.alloc(pieceBytes / 2) };

/** What a reader of a log does, and what happens to the log. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant('append' as const) },
  { weight: 3, arbitrary: fc.constant('read' as const) },
  { weight: 2, arbitrary: fc.constant('answer' as const) },
);

describe('the pump', () => {
  test('brings each entry that its reader takes once and in order, or says that it fell behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 10 }),
        fc.constantFrom(1, 2, 3),
        async (steps, bound, room, isLater, before, every) => {
          const { log, waiting } = createLog(bound, isLater);
          const append = () => {
            log.append({ ...record, threadId: log.last % every === 0 ? 't' : 'other' });
          };
          for (let at = 0; at < before; at++) append();
          const after = Math.max(0, log.first - 1);
          const got: number[] = [];
          let unread = 0;
          let fell = 0;
          const pump = createPump({
            log,
            after,
            accepts: ({ threadId }) => threadId === 't',
            write(entries) {
              got.push(...entries.map(({ seq }) => seq));
              unread++;
            },
            isFull: () => unread >= room,
            fellBehind: () => fell++,
          });
          log.appended$.subscribe(pump.run);
          pump.run();
          const settle = async () => {
            waiting.splice(0).forEach((resolve) => resolve());
            for (let turn = 0; turn < 4; turn++) await Promise.resolve();
          };
          for (const one of steps) {
            if (one === 'append') append();
            else if (one === 'answer') await settle();
            else {
              unread = 0;
              pump.run();
            }
          }
          for (let round = 0; round < 300 && pump.cursor < log.last && fell === 0; round++) {
            unread = 0;
            pump.run();
            await settle();
          }
          const wanted = Array.from({ length: pump.cursor - after }, (_, at) => after + at + 1);
          expect(got).toEqual(wanted.filter((seq) => (seq - 1) % every === 0));
          expect(fell).toBeLessThan(2);
          if (fell === 0) expect(pump.cursor).toBe(log.last);
          else expect(pump.cursor + 1).toBeLessThan(log.first);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('goes past an entry that only takes its number', () => {
    const { log } = createLog(10, false);
    const frames = ['{}', '', '{}'];
    for (const frame of frames) log.append({ ...record, threadId: 't', frame: Buffer.from(frame) });
    const { pump, got } = pumpAll(log);
    pump.run();
    expect([got, pump.cursor]).toEqual([[1, 3], 3]);
  });

  test('writes nothing more once it is stopped, though the log answers then', async () => {
    const { log, waiting } = createLog(10, true);
    log.append({ ...record, threadId: 't' });
    const { pump, got } = pumpAll(log);
    pump.run();
    pump.stop();
    waiting.forEach((resolve) => resolve());
    await Promise.resolve();
    await Promise.resolve();
    expect(got).toEqual([]);
  });
});
