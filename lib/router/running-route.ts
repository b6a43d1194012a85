import { asyncScheduler } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { MatcherKey } from '../match/index.js';
import type { StreamContext } from './context.js';
import type { HandlerPhase } from './handler-error.js';
import { createHandlerQueue, type HandlerQueue } from './handler-queue.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import type { Handler, Route, RouteStats } from './route.js';
import type { RouteSettings } from './route-options.js';
import type { RunnableRoute } from './runnable-route.js';
import type { Settlement } from './settlement.js';
import type { CompiledSource } from './source.js';
import { isWaitable, mustNotWait } from './waitable.js';

export interface RouteHost {
  report(route: string, phase: HandlerPhase, envelope: Envelope | null, cause: unknown): void;
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
      if (this.closed || !this.#matches(event, settlement)) return false;
      if (this.#pipeline !== null) return this.#pipeline.push(event, context, settlement);
      this.run(event, event, context, settlement);
      return true;
    }
    // What `run` and `call` do, without their calls.
    try {
      const result = this.#isTimed() ? this.#time(event, context) : direct(event as never, context);
      if (result !== undefined) this.#hold(result, event, event, context, settlement);
    } catch (cause) {
      this.report('handler', event, cause, settlement);
    }
    return true;
  }

  run(
    value: unknown,
    envelope: Envelope | null,
    context: StreamContext,
    settlement: Settlement | null,
  ): void {
    const isNow = settlement?.now;
    try {
      if (isNow && !this.isIdle) throw mustNotWait();
      if (this.#queue !== null && !isNow) {
        this.#queue.deliver({ value, envelope, context, settlement });
      } else this.#hold(this.call(value, context), value, envelope, context, settlement);
    } catch (cause) {
      this.report('handler', envelope, cause, settlement);
    }
  }

  /** Waits for what the handler returned, if it is anything to wait for. */
  #hold(
    result: unknown,
    value: unknown,
    envelope: Envelope | null,
    context: StreamContext,
    settlement: Settlement | null,
  ): void {
    if (!isWaitable(result)) return;
    if (settlement?.now) throw mustNotWait(result);
    // From now on a queue knows whether the handler is busy.
    this.#direct = null;
    this.#queue ??= createHandlerQueue(this);
    this.#queue.hold(result, { value, envelope, context, settlement });
  }

  call(value: unknown, context: StreamContext): unknown {
    // What stands before a handler may have removed its route: an operator, a key, a teardown.
    if (this.closed) return undefined;
    if (this.#isTimed()) return this.#time(value, context);
    const handler = this.#handler;
    return handler(value as never, context);
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

  #matches(event: Envelope, settlement: Settlement | null): boolean {
    try {
      // A matcher may have removed its own route.
      return (this.#test === null || this.#test(event)) && !this.closed;
    } catch (cause) {
      this.report('matcher', event, cause, settlement);
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

  report(
    phase: HandlerPhase,
    envelope: Envelope | null,
    cause: unknown,
    settlement: Settlement | null,
  ): void {
    if (phase !== 'queue') this.counts.failed++;
    settlement?.fail();
    this.#host.report(this.name, phase, envelope, cause);
  }

  runToCompletion(task: () => void): void {
    this.#host.runToCompletion(task);
  }
}
