import { connectManager, createRouter, ofType, OverflowError } from 'codex-rx';
import { envelope, fakeTransport } from 'codex-rx/testing';
import { Subject } from 'rxjs';

// A process of its own, run with --expose-gc: a million events pass a handler that does not return.
// It prints what that cost, and what was told of it, for each way to be stuck.

export interface Figures {
  readonly name: string;
  /** How much the heap has grown while the queue is full, in bytes. */
  readonly growth: number;
  /** How long the events took, in milliseconds. */
  readonly ms: number;
  /** How many events another handler has seen. */
  readonly seen: number;
  readonly stats: { readonly dropped: number; readonly waiting: number; readonly running: number };
  /** How many events the stream says to be queued; `null` without a stream. */
  readonly queued: number | null;
  /** How many were dropped as of each overflow that was reported, and the kind of other reports. */
  readonly reports: readonly (number | string)[];
  /** How many events the handler got once it was not stuck any more, the first and the last. */
  readonly kept: readonly [count: number, first: number, last: number];
}

export interface Printed {
  readonly figures: readonly Figures[];
  readonly growthBesideOneThatKeepsUp: number;
}

const events = 1_000_000;
const type = 'app_server.item.agent_message.delta';

/** A stream and its router, or a router alone; `push` sends an event that holds a number. */
interface Subjects {
  readonly router: ReturnType<typeof createRouter>;
  push(number: number): void;
  queued(): number | null;
}

function streamOf(): Subjects {
  const socket = fakeTransport();
  const router = createRouter();
  const stream = connectManager({ url: 'ws://fake', transport: socket.open, router });
  void stream.connect();
  socket.last.accept();
  socket.last.send({ type: 'ready', threadId: null });
  return {
    router,
    push(number) {
      socket.last.send({ type, threadId: 't1', payload: { number, delta: 'some text of a turn' } });
    },
    queued: () => stream.metrics().queued,
  };
}

function routerAlone(): Subjects {
  const router = createRouter();
  return {
    router,
    push(number) {
      router.dispatch(envelope(type, { number, delta: 'some text of a turn' }));
    },
    queued: () => null,
  };
}

/** What a handler returns that is stuck until `release`. */
interface Stuck {
  readonly result: unknown;
  release(): void;
}

function observable(): Stuck {
  const result = new Subject<never>();
  return { result, release: () => result.complete() };
}

function promise(): Stuck {
  let release = () => {};
  const result = new Promise<void>((resolve) => (release = resolve));
  return { result, release };
}

function heap(): number {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) gc?.();
  return process.memoryUsage().heapUsed;
}

async function measure(
  name: string,
  { router, push, queued }: Subjects,
  { result, release }: Stuck,
  overflow?: 'drop-newest',
): Promise<Figures> {
  const reports: (number | string)[] = [];
  router.errors$.subscribe(({ cause, kind }) => {
    reports.push(cause instanceof OverflowError ? cause.dropped : kind);
  });
  let seen = 0;
  let calls = 0;
  let first = -1;
  let last = -1;
  const route = router.on(
    ofType(type),
    ({ payload }) => {
      if (calls++ === 0) return result;
      ({ number: last } = payload as unknown as { number: number });
      if (first < 0) first = last;
      return undefined;
    },
    { bound: 1_000, ...(overflow && { overflow }) },
  );
  router.on(ofType(type), () => {
    seen++;
  });
  const before = heap();
  const began = performance.now();
  for (let number = 0; number < events; number++) push(number);
  const ms = performance.now() - began;
  const growth = heap() - before;
  const { dropped, waiting, running } = route.stats;
  const told = { name, growth, ms, seen, reports, stats: { dropped, waiting, running } };
  const waits = queued();
  release();
  await router.idle();
  return { ...told, queued: waits, kept: [calls - 1, first, last] };
}

/** How much the heap grows while a handler makes as many events wait, a few at a time. */
async function growthBesideOneThatKeepsUp(): Promise<number> {
  const { router, push } = routerAlone();
  router.on(ofType(type), () => Promise.resolve());
  const before = heap();
  for (let number = 0; number < events; number++) {
    push(number);
    if (number % 10 === 9) await router.idle();
  }
  const growth = heap() - before;
  router.routes[0]?.unsubscribe();
  return growth;
}

const figures = [
  await measure('a stream, an Observable', streamOf(), observable()),
  await measure('a stream, a promise', streamOf(), promise()),
  await measure('a stream, drop-newest', streamOf(), observable(), 'drop-newest'),
  await measure('a router, an Observable', routerAlone(), observable()),
  await measure('a router, a promise', routerAlone(), promise()),
];
const printed: Printed = {
  figures,
  growthBesideOneThatKeepsUp: await growthBesideOneThatKeepsUp(),
};
console.log(JSON.stringify(printed));
// The streams are still open.
process.exit();
