import { asyncScheduler } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { MatcherKey } from '../match/index.js';
import type { StreamContext } from './context.js';
import type { HandlerPhase } from './handler-error.js';
import { KeyedQueues } from './keyed-queues.js';
import { Pipeline } from './pipeline.js';
import type { Handler, Route, RouteStats } from './route.js';
import type { RouteSettings } from './route-options.js';
import type { RunnableRoute } from './runnable-route.js';
import type { CompiledSource } from './source.js';
import { isWaitable, mustNotWait } from './waitable.js';

export interface RouteHost {
  report(route: string, phase: HandlerPhase, envelope: Envelope | null, cause: unknown): void;
  /** Runs a task; what handlers dispatch in it comes after it. */
  runToCompletion(task: () => void): void;
  onRemoved(route: RunningRoute): void;
}

/** A route from the inside. */
export class RunningRoute implements Route, RunnableRoute {
  // What every event needs comes first: with 10,000 routes memory is cold, and its lines count.
  /** The handler, while nothing stands between it and an event that the index has found. */
  #direct: Handler<never> | null;
  #handled = 0;

  readonly name: string;
  readonly order: number;
  readonly key: MatcherKey;
  readonly handler: Handler<never>;
  readonly settings: RouteSettings<never>;
  overflows = 0;
  readonly counts = {
    failed: 0,
    dropped: 0,
    skipped: 0,
    cancelled: 0,
    running: 0,
    waiting: 0,
    slowest: 0,
  };
  closed = false;

  readonly #owner: RouteHost;
  readonly #test: CompiledSource['test'];
  readonly #pipeline: Pipeline | null;
  /** Made when a handler first has to be waited for: most never have to. */
  #queues: KeyedQueues | null = null;
  #completed = false;

  constructor(
    order: number,
    source: CompiledSource,
    handler: Handler<never>,
    settings: RouteSettings<never>,
    owner: RouteHost,
  ) {
    const { test, pipeline } = source;
    const isDirect = test === null && pipeline === null && settings.key === undefined;
    this.#direct = isDirect ? handler : null;
    this.name = settings.name ?? (handler.name || source.name);
    this.order = order;
    this.key = source.key;
    this.handler = handler;
    this.settings = settings;
    this.#owner = owner;
    this.#test = test;
    this.#pipeline = pipeline && new Pipeline(pipeline, this);
  }

  get stats(): RouteStats {
    return { handled: this.#handled, ...this.counts };
  }

  /**
   * Hands an event to the handler if it matches: whether it did. Never throws.
   *
   * @param now Whether the caller cannot wait: what would have to wait is then a failure.
   */
  deliver(event: Envelope, context: StreamContext, now: boolean): boolean {
    const direct = this.#direct;
    if (direct !== null) {
      try {
        const result = this.#isTimed()
          ? this.#time(event, context)
          : direct(event as never, context);
        if (result !== undefined) this.#settle(result, event, now);
      } catch (cause) {
        this.report('handler', event, cause);
      }
      return true;
    }
    if (this.closed || !this.#matches(event)) return false;
    if (this.#pipeline !== null) return this.#pipeline.push(event, context, now);
    this.run(event, event, context, now);
    return true;
  }

  run(value: unknown, envelope: Envelope | null, context: StreamContext, now: boolean): void {
    try {
      if (now && this.#queues?.idle === false) throw mustNotWait();
      if (now || (this.#queues === null && this.settings.key === undefined)) {
        this.#settle(this.call(value, context), envelope, now);
      } else {
        (this.#queues ??= new KeyedQueues(this)).deliver(value, envelope, context);
      }
    } catch (cause) {
      this.report('handler', envelope, cause);
    }
  }

  call(value: unknown, context: StreamContext): unknown {
    // What stands before a handler may have removed its route: a matcher, a key, a teardown.
    if (this.closed) return undefined;
    const { handler } = this;
    return this.#isTimed() ? this.#time(value, context) : handler(value as never, context);
  }

  recordDuration(ms: number): void {
    this.counts.slowest = Math.max(this.counts.slowest, ms);
  }

  /** Counts a call of the handler. Two looks at the clock would cost more than most handlers. */
  #isTimed(): boolean {
    return (this.#handled++ & 63) === 0;
  }

  #time(value: unknown, context: StreamContext): unknown {
    const { handler } = this;
    const began = asyncScheduler.now();
    try {
      return handler(value as never, context);
    } finally {
      this.recordDuration(asyncScheduler.now() - began);
    }
  }

  #matches(event: Envelope): boolean {
    try {
      return this.#test === null || this.#test(event);
    } catch (cause) {
      this.report('matcher', event, cause);
      return false;
    }
  }

  /** Waits for what the handler returned, if it is anything to wait for. */
  #settle(result: unknown, envelope: Envelope | null, now: boolean): void {
    if (!isWaitable(result)) return;
    if (now) throw mustNotWait(result);
    // From now on a queue knows whether the handler is busy.
    this.#direct = null;
    (this.#queues ??= new KeyedQueues(this)).hold(result, envelope);
  }

  complete(): void {
    this.#completed = true;
    this.onIdle();
  }

  onIdle(): void {
    if (this.#completed && this.#queues?.idle !== false) this.unsubscribe();
  }

  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    this.#direct = null;
    this.#owner.onRemoved(this);
    this.#pipeline?.close();
    this.#queues?.close();
  }

  report(phase: HandlerPhase, envelope: Envelope | null, cause: unknown): void {
    if (phase !== 'queue') this.counts.failed++;
    this.#owner.report(this.name, phase, envelope, cause);
  }

  runToCompletion(task: () => void): void {
    this.#owner.runToCompletion(task);
  }
}
