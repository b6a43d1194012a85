import { createRouter, ofPrefix, type Envelope, type Overflow, type Strategy } from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { isDurable } from '../../lib/envelope/index.js';

export const anyLoad = fc.record({
  strategy: fc.constantFrom<Strategy>('concat', 'merge', 'switch', 'exhaust'),
  concurrency: fc.integer({ min: 1, max: 3 }),
  bound: fc.integer({ min: 1, max: 4 }),
  overflow: fc.constantFrom<Overflow>('drop-oldest', 'drop-newest'),
  moves: fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constantFrom('delta', 'delta', 'approval'),
          key: fc.constantFrom('k1', 'k2', 'k3', 'k4'),
        }),
      },
      { weight: 2, arbitrary: fc.record({ ends: fc.nat(9) }) },
    ),
    { maxLength: 40 },
  ),
});

type Load = typeof anyLoad extends fc.Arbitrary<infer L> ? L : never;

/** Which events a route runs, and its counters after each move. */
export function carriedOut({ moves, ...options }: Load): readonly unknown[] {
  const log: unknown[] = [];
  const runs = new Map<number, Subject<unknown>>();
  const router = createRouter();
  router.errors$.subscribe();
  const handler = ({ payload }: Envelope) => {
    const number = payload as number;
    const run = new Subject<unknown>();
    log.push(number);
    runs.set(number, run);
    return run;
  };
  const key = ({ threadId }: Envelope) => threadId;
  const route = router.on(ofPrefix(''), handler, { ...options, key });
  moves.forEach((move, number) => {
    if ('type' in move) router.dispatch(envelope(move.type, number, { threadId: move.key }));
    else {
      const open = [...runs].filter(([, run]) => run.observed);
      open[move.ends % Math.max(open.length, 1)]?.[1].complete();
    }
    const { running, waiting, dropped, skipped, cancelled } = route.stats;
    log.push({ running, waiting, dropped, skipped, cancelled });
  });
  return log;
}

interface Item {
  readonly number: number;
  readonly key: string;
  readonly event: Envelope;
}

/** What has to happen: lists, and a look at all that waits whenever a handler may start. */
export function expectedOf({ moves, strategy, concurrency, bound, overflow }: Load) {
  const log: unknown[] = [];
  let running: Item[] = [];
  let waiting: Item[] = [];
  /** Keys whose next event may start, in the order in which they became so. */
  let ready: string[] = [];
  const counts = { dropped: 0, skipped: 0, cancelled: 0 };

  const of = (list: readonly Item[], key: string) => list.filter((item) => item.key === key);
  const others = (list: readonly Item[], key: string) => list.filter((item) => item.key !== key);
  const isFree = (key: string) => strategy === 'merge' || of(running, key).length === 0;

  function note(): void {
    const able = [...new Set(waiting.map(({ key }) => key))].filter(isFree);
    ready = [
      ...ready.filter((key) => able.includes(key)),
      ...able.filter((key) => !ready.includes(key)),
    ];
  }

  function start(item: Item): void {
    running.push(item);
    log.push(item.number);
    note();
  }

  function drain(): void {
    while (running.length < concurrency && ready.length > 0) {
      const next = of(waiting, ready[0]!)[0]!;
      waiting = waiting.filter((item) => item !== next);
      start(next);
    }
  }

  function deliver(item: Item): void {
    const busy = of([...running, ...waiting], item.key).length;
    if (strategy === 'exhaust' && busy > 0) {
      counts.skipped++;
      return;
    }
    if (strategy === 'switch') {
      counts.cancelled += busy;
      running = others(running, item.key);
      waiting = others(waiting, item.key);
      note();
    }
    const isNext = isFree(item.key) && of(waiting, item.key).length === 0;
    if (isNext && running.length < concurrency) start(item);
    else if (waiting.length < bound) waiting.push(item);
    else {
      const oldest = waiting.find(({ event }) => !isDurable(event));
      const goes = isDurable(item.event) || overflow === 'drop-oldest' ? oldest : item;
      if (goes || !isDurable(item.event)) counts.dropped++;
      waiting = waiting.filter((one) => one !== goes);
      note();
      if (goes !== item && (oldest || isDurable(item.event))) waiting.push(item);
    }
    note();
    drain();
  }

  moves.forEach((move, number) => {
    if ('type' in move) {
      const key = strategy === 'merge' ? 'all' : move.key;
      deliver({ number, key, event: envelope(move.type, number) });
    } else {
      // In the order of their start, as they are listed.
      const open = [...running].sort((a, b) => started(a) - started(b));
      const ended = open[move.ends % Math.max(open.length, 1)];
      running = running.filter((item) => item !== ended);
      note();
      drain();
    }
    log.push({ running: running.length, waiting: waiting.length, ...counts });
  });
  return log;

  function started({ number }: Item): number {
    return log.indexOf(number);
  }
}
