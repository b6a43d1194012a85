import { asyncScheduler } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { MatcherKey } from '../match/index.js';
import type { StreamContext } from './context.js';
import { HandlerError, type HandlerFault } from './handler-error.js';
import { createHandlerQueue, type HandlerQueue } from './handler-queue.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import type { Handler, Route, RouteStats } from './route.js';
import type { RouteSettings } from './route-options.js';
import type { RunnableRoute, Work } from './runnable-route.js';
import type { Settlement } from './settlement.js';
import type { CompiledSource } from './source.js';
import { isWaitable, mustNotWait } from './waitable.js';

export interface RouteHost {
  report(error: HandlerError): void;
  /** Runs a task; what handlers dispatch in it comes after it. */
  runToCompletion(task: () => void): void;
  onRemoved(route: RunningRoute): void;
}

const zero: RunnableRoute['counts'] = {
  failed: 0,
  dropped: 0,
  skipped: 0,
  cancelled: 0,
  running: 0,
  waiting: 0,
  slowest: 0,
};

/** A route from the inside. */
export class RunningRoute implements Route, RunnableRoute {
  // What every event needs comes first: with 10,000 routes memory is cold, and its lines count.
  /** The handler, while nothing stands between it and an event that the index has found. */
  #direct: Handler<never> | null;
  #handled = 0;

  closed = false;
  readonly #handler: Handler<never>;
  /** Made when a handler first has to be waited for: most never have to. */
  #queue: HandlerQueue | null = null;
  readonly name: string;
  readonly order: number;
  readonly key: MatcherKey;
  readonly settings: RouteSettings<never>;

  readonly #host: RouteHost;
  readonly #test: CompiledSource['test'];
  readonly #pipeline: Pipeline | null;
  #counts: RunnableRoute['counts'] | null = null;
  #completed = false;

  constructor(
    order: number,
    source: CompiledSource,
    handler: Handler<never>,
    settings: RouteSettings<never>,
    host: RouteHost,
  ) {
    const { test, pipeline } = source;
    const isDirect = test === null && pipeline === null && settings.key === undefined;
    this.#direct = isDirect ? handler : null;
    this.#handler = handler;
    this.name = settings.name ?? (handler.name || source.name);
    this.order = order;
    this.key = source.key;
    this.settings = settings;
    this.#host = host;
    this.#test = test;
    this.#pipeline = pipeline && createPipeline(pipeline, this);
    if (settings.key) this.#queue = createHandlerQueue(this);
  }

  get stats(): RouteStats {
    return { handled: this.#handled, ...this.counts };
  }

  get counts(): RunnableRoute['counts'] {
    return (this.#counts ??= { ...zero });
  }

  /** Whether nothing runs or waits. */
  get isIdle(): boolean {
    return this.#counts === null || this.#counts.running + this.#counts.waiting === 0;
  }

  /** Hands an event to the handler if it matches: whether it did. Never throws. */
  deliver(event: Envelope, context: StreamContext, settlement: Settlement | null): boolean {
    const direct = this.#direct;
    if (direct === null) {
      if (this.closed) return false;
      const work = { value: event, envelope: event, context, settlement };
      if (!this.#matches(work)) return false;
      if (this.#pipeline !== null) return this.#pipeline.push(work);
      this.run(work);
      return true;
    }
    // What `run` and `call` do, without their calls.
    try {
      const result = this.#isTimed() ? this.#time(event, context) : direct(event as never, context);
      if (result !== undefined) {
        this.#hold(result, { value: event, envelope: event, context, settlement });
      }
    } catch (cause) {
      this.report('handler', cause, { value: event, envelope: event, context, settlement });
    }
    return true;
  }

  run(work: Work): void {
    const isNow = work.settlement?.now;
    try {
      if (isNow && !this.isIdle) throw mustNotWait();
      if (this.#queue !== null && !isNow) this.#queue.deliver(work);
      else this.#hold(this.call(work), work);
    } catch (cause) {
      this.report('handler', cause, work);
    }
  }

  /** Waits for what the handler returned, if it is anything to wait for. */
  #hold(result: unknown, work: Work): void {
    if (!isWaitable(result)) return;
    if (work.settlement?.now) throw mustNotWait(result);
    // From now on a queue knows whether the handler is busy.
    this.#direct = null;
    this.#queue ??= createHandlerQueue(this);
    this.#queue.hold(result, work);
  }

  call({ value, context }: Work): unknown {
    // What stands before a handler may have removed its route: an operator, a key, a teardown.
    if (this.closed) return undefined;
    const handler = this.#handler;
    return this.#isTimed() ? this.#time(value, context) : handler(value as never, context);
  }

  /** Counts a call of the handler. Two looks at the clock would cost more than most handlers. */
  #isTimed(): boolean {
    return (this.#handled++ & 63) === 0;
  }

  #time(value: unknown, context: StreamContext): unknown {
    const handler = this.#handler;
    const began = asyncScheduler.now();
    try {
      return handler(value as never, context);
    } finally {
      this.recordDuration(asyncScheduler.now() - began);
    }
  }

  recordDuration(ms: number): void {
    this.counts.slowest = Math.max(this.counts.slowest, ms);
  }

  #matches(work: Work & { readonly envelope: Envelope }): boolean {
    try {
      // A matcher may have removed its own route.
      return (this.#test === null || this.#test(work.envelope)) && !this.closed;
    } catch (cause) {
      this.report('matcher', cause, work);
      return false;
    }
  }

  complete(): void {
    this.#completed = true;
    this.onIdle();
  }

  onIdle(): void {
    if (this.#completed && this.isIdle) this.unsubscribe();
  }

  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    this.#direct = null;
    this.#host.onRemoved(this);
    this.#pipeline?.close();
    this.#queue?.close();
  }

  report(kind: HandlerFault, cause: unknown, work: Work | null): void {
    // An overflow is about an event that was dropped, and perhaps another one.
    if (kind !== 'queue') {
      this.counts.failed++;
      work?.settlement?.fail();
    }
    this.#host.report(new HandlerError(this.name, kind, work?.envelope ?? null, cause));
  }

  runToCompletion(task: () => void): void {
    this.#host.runToCompletion(task);
  }
}
