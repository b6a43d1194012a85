import { from, type ObservableInput, type Subscription } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import { OverflowError } from './handler-error.js';
import type { RunningRoute } from './running-route.js';
import { isThenable, isWaitable } from './waitable.js';
import { WaitingQueue } from './waiting.js';

/** One handler run that has not ended. */
interface Run {
  subscription: Subscription | null;
  ended: boolean;
}

/** The handler runs of one route (and of one key) that have not ended, and what waits for them. */
export class Lane {
  readonly #route: RunningRoute;
  readonly #runs = new Set<Run>();
  readonly #queue = new WaitingQueue();
  readonly #rested: () => void;
  #draining = false;

  constructor(
    route: RunningRoute,
    /** Called when nothing runs or waits any more. */
    rested: () => void,
  ) {
    this.#route = route;
    this.#rested = rested;
  }

  get idle(): boolean {
    return this.#runs.size === 0 && this.#queue.length === 0;
  }

  take(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    const { settings, counts } = this.#route;
    if (this.#runs.size > 0 || this.#draining) {
      switch (settings.strategy) {
        case 'exhaust':
          counts.skipped++;
          return;
        case 'switch':
          for (const run of this.#runs) {
            counts.cancelled++;
            this.#give(run);
          }
          break;
        case 'merge':
          if (this.#runs.size < settings.concurrency && this.#queue.length === 0) break;
          this.#wait(value, envelope, context);
          return;
        case 'concat':
          this.#wait(value, envelope, context);
          return;
      }
    }
    this.#start(value, envelope, context);
  }

  /** Waits for what a handler returned. */
  hold(result: ObservableInput<unknown>, envelope: Envelope | null): void {
    const run: Run = { subscription: null, ended: false };
    this.#runs.add(run);
    this.#route.counts.running++;
    const fail = (cause: unknown) => {
      // A run that was given up may still fail, and this is not kept from anybody.
      this.#route.report('handler', envelope, cause);
      this.#end(run);
    };
    const done = () => {
      this.#end(run);
    };
    if (isThenable(result)) {
      Promise.resolve(result).then(done, fail);
      return;
    }
    run.subscription = from(result).subscribe({ error: fail, complete: done });
    if (run.ended) run.subscription.unsubscribe();
  }

  /** Gives up what runs and what waits. */
  close(): void {
    this.#route.counts.waiting -= this.#queue.length;
    this.#queue.clear();
    for (const run of this.#runs) this.#give(run);
  }

  #start(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    try {
      const result = this.#route.call(value, context);
      if (isWaitable(result)) this.hold(result, envelope);
    } catch (cause) {
      this.#route.report('handler', envelope, cause);
    }
  }

  #end(run: Run): void {
    if (!this.#forget(run)) return;
    this.#route.turn(() => {
      this.#drain();
    });
    if (this.idle) this.#rested();
  }

  #give(run: Run): void {
    if (!this.#forget(run)) return;
    try {
      run.subscription?.unsubscribe();
    } catch (cause) {
      this.#route.report('handler', null, cause);
    }
  }

  #forget(run: Run): boolean {
    if (run.ended) return false;
    run.ended = true;
    this.#runs.delete(run);
    this.#route.counts.running--;
    return true;
  }

  #drain(): void {
    // A handler that ends at once ends inside #start: one loop runs the queue, never a nested one.
    if (this.#draining) return;
    this.#draining = true;
    const { settings, counts } = this.#route;
    const limit = settings.strategy === 'merge' ? settings.concurrency : 1;
    while (this.#runs.size < limit) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      counts.waiting--;
      this.#start(next.value, next.envelope, next.context);
    }
    this.#draining = false;
  }

  #wait(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    const { counts } = this.#route;
    const { bound, overflow } = this.#route.settings;
    const item = { value, envelope, context };
    if (counts.waiting < bound) {
      this.#queue.push(item);
      counts.waiting++;
      return;
    }
    const before = this.#queue.length;
    const dropped = this.#queue.pushOver(item, overflow);
    counts.waiting += this.#queue.length - before;
    if (dropped) counts.dropped++;
    // At the 1st, 2nd, 4th, 8th … of them: a flood is reported, and the report is no flood.
    const count = dropped ? counts.dropped : counts.waiting - bound;
    if (Number.isInteger(Math.log2(count))) {
      const cause = new OverflowError(bound, counts.dropped, counts.waiting);
      this.#route.report('overflow', envelope, cause);
    }
  }
}
