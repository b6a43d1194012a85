import {
  createRouter,
  matching,
  ofPrefix,
  type Envelope,
  type Route,
  type RouteOptions,
  type Strategy,
} from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import fc from 'fast-check';
import {
  filter,
  finalize,
  map,
  mergeMap,
  Observable,
  Subject,
  take,
  type OperatorFunction,
} from 'rxjs';

const boom = (): never => {
  throw new Error('boom');
};

const numberOf = ({ payload }: Envelope): number => payload as number;

/** Steps of which everything that comes out comes out as the event goes through. */
const steps: Record<string, OperatorFunction<Envelope, Envelope>> = {
  none: ofPrefix(''),
  odd: filter((event) => numberOf(event) % 2 === 1),
  twice: mergeMap((event) => [event, event]),
  take2: take(2),
  dies: map((event) => (numberOf(event) % 3 === 0 ? boom() : event)),
  guard: matching((event) => numberOf(event) % 4 === 1 && boom()),
};

const ends = ['nothing', 'throws', 'Observable', 'Observable', 'promise', 'removes', 'dispatches'];

const anyRoute = fc.record({
  step: fc.constantFrom(...Object.keys(steps)),
  strategy: fc.constantFrom<Strategy>('concat', 'merge', 'switch', 'exhaust'),
  concurrency: fc.integer({ min: 1, max: 3 }),
  bound: fc.integer({ min: 1, max: 3 }),
  overflow: fc.constantFrom('drop-oldest', 'drop-newest'),
  keyed: fc.boolean(),
  ends: fc.array(fc.constantFrom(...ends), { minLength: 1, maxLength: 4 }),
});

const anyMove = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('event'), at: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('durable', 'sync'), at: fc.nat(99) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('ends', 'fails'), at: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('removes'), at: fc.nat(99) }) },
);

export const anyProgram = fc.record({
  routes: fc.array(anyRoute, { minLength: 1, maxLength: 4 }),
  moves: fc.array(anyMove, { maxLength: 30 }),
});

type Program = typeof anyProgram extends fc.Arbitrary<infer P> ? P : never;

/** A run of a handler that has not ended. */
interface Run {
  readonly event: number;
  readonly end: (failed: boolean) => void;
  readonly isOpen: () => boolean;
}

/** Carries out a program, and says what it did that must not be: nothing, it is hoped. */
export async function breaches({ routes: plans, moves }: Program): Promise<readonly string[]> {
  const router = createRouter();
  const found: string[] = [];
  const routes: Route[] = [];
  const runs = new Set<Run>();
  const reported = new Set<number>();
  const settled = new Map<number, boolean>();
  /** Events whose promises no one waits for. */
  const sync = new Set<number>();
  let dispatched = 0;

  router.errors$.subscribe(({ envelope, kind }) => {
    if (envelope && kind !== 'queue') reported.add(numberOf(envelope));
  });

  function dispatch(type: string, how: 'dispatch' | 'dispatchSync' = 'dispatch'): void {
    const event = dispatched++;
    if (how === 'dispatchSync') sync.add(event);
    const context = { threadId: null, connection: 1, reconnects: 0, receivedAt: 0 };
    router[how](envelope(type, event, { threadId: `t${event % 3}` }), {
      ...context,
      settled(failed: boolean) {
        if (settled.has(event)) found.push(`${event} was settled again`);
        settled.set(event, failed);
        for (const run of runs) {
          if (run.event === event && run.isOpen())
            found.push(`${event} was settled before its end`);
        }
        const dropped = routes.some(({ stats }) => stats.dropped > 0);
        if (reported.has(event) !== failed && !(failed && dropped)) {
          found.push(`${event} is said to have ${failed ? 'failed' : 'not failed'}`);
        }
      },
    });
  }

  for (const { step, ends, keyed, ...settings } of plans) {
    let calls = 0;
    const at = routes.length;
    const handler = (value: Envelope): unknown => {
      const event = numberOf(value);
      if (settled.has(event)) found.push(`${event} was settled before #${at} saw it`);
      // A promise that was given up ends unseen: `switch` would need a clock to know.
      let kind = ends[calls++ % ends.length];
      if (kind === 'promise' && settings.strategy === 'switch') kind = 'Observable';
      if (kind === 'throws') return boom();
      if (kind === 'removes') routes[event % routes.length]?.unsubscribe();
      if (kind === 'dispatches' && dispatched < 60) dispatch('a');
      if (kind === 'promise') {
        return new Promise((resolve, reject) => {
          const run: Run = {
            event,
            isOpen: () => !route.closed && !sync.has(event),
            end(failed) {
              runs.delete(run);
              if (failed) reject(new Error('boom'));
              else resolve(0);
            },
          };
          runs.add(run);
        });
      }
      if (kind !== 'Observable') return;
      const work = new Subject<unknown>();
      const run: Run = {
        event,
        isOpen: () => true,
        end(failed) {
          if (failed) work.error(new Error('boom'));
          else work.complete();
        },
      };
      return new Observable((subscriber) => {
        runs.add(run);
        return work.pipe(finalize(() => runs.delete(run))).subscribe(subscriber);
      });
    };
    const options: RouteOptions<Envelope> = {
      ...settings,
      ...(keyed && { key: ({ threadId }: Envelope) => threadId }),
    };
    const route = router.on(steps[step] as OperatorFunction<Envelope, Envelope>, handler, options);
    routes.push(route);
  }

  for (const { kind, at } of moves) {
    const run = [...runs][at % Math.max(runs.size, 1)];
    if (kind === 'event') dispatch('a');
    else if (kind === 'durable') dispatch('approval');
    else if (kind === 'sync') dispatch('a', 'dispatchSync');
    else if (kind === 'removes') routes[at % routes.length]?.unsubscribe();
    else run?.end(kind === 'fails');
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
  while (runs.size > 0 && !routes.every(({ closed }) => closed)) {
    for (const run of runs) run.end(false);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
  for (let event = 0; event < dispatched; event++) {
    if (!settled.has(event)) found.push(`${event} was never settled`);
  }
  return found;
}
