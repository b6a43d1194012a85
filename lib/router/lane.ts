import { Subscription } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import { OverflowError } from './handler-error.js';
import type { RunningRoute } from './running-route.js';
import { isAsyncIterable, isThenable, isWaitable, type Waitable } from './waitable.js';
import { WaitingQueue } from './waiting.js';
import { watch } from './watch.js';

/** One handler run that has not ended. */
interface Run {
  subscription: Subscription;
  ended: boolean;
}

/** The handler runs of one route (and of one key) that have not ended, and what waits for them. */
export class Lane {
  readonly #route: RunningRoute;
  readonly #runs = new Set<Run>();
  readonly #queue = new WaitingQueue();
  readonly #rested: () => void;
  /** How many handlers are being called right now: their pipeline may call them from within. */
  #calling = 0;

  constructor(
    route: RunningRoute,
    /** Called when nothing runs or waits any more. */
    rested: () => void,
  ) {
    this.#route = route;
    this.#rested = rested;
  }

  take(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    const { settings, counts } = this.#route;
    if (this.#runs.size > 0 || this.#calling > 0) {
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
    this.#drain();
  }

  /** Waits for what a handler returned. */
  hold(result: Waitable, envelope: Envelope | null): void {
    // A handler may have removed its own route: what it returns is then given up from the start.
    const run: Run = { subscription: Subscription.EMPTY, ended: this.#route.closed };
    if (!run.ended) {
      this.#runs.add(run);
      this.#route.counts.running++;
    }
    const error = (cause: unknown) => {
      // A run that was given up may still fail, and this is not kept from anybody.
      this.#route.report('handler', envelope, cause);
    };
    const end = () => {
      this.#end(run);
    };
    if (isThenable(result)) {
      void Promise.resolve(result).then(null, error).then(end);
    } else if (this.#route.closed) {
      return;
    } else if (isAsyncIterable(result)) {
      void read(result, run).catch(error).then(end);
    } else {
      run.subscription = watch(result, { error }, error);
      // Given up while it was being subscribed to?
      if (run.ended) run.subscription.unsubscribe();
      // As in RxJS, what it holds is released before the next one begins.
      run.subscription.add(end);
    }
  }

  /** Gives up what runs and what waits. */
  close(): void {
    this.#route.counts.waiting -= this.#queue.length;
    this.#queue.clear();
    for (const run of this.#runs) this.#give(run);
  }

  #start(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    this.#calling++;
    try {
      const result = this.#route.call(value, context);
      if (isWaitable(result)) this.hold(result, envelope);
    } catch (cause) {
      this.#route.report('handler', envelope, cause);
    }
    this.#calling--;
  }

  #end(run: Run): void {
    if (!this.#forget(run)) return;
    this.#route.turn(() => {
      this.#drain();
    });
  }

  #give(run: Run): void {
    if (this.#forget(run)) run.subscription.unsubscribe();
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
    if (this.#calling > 0) return;
    const { settings, counts } = this.#route;
    const limit = settings.strategy === 'merge' ? settings.concurrency : 1;
    while (this.#runs.size < limit) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      counts.waiting--;
      this.#start(next.value, next.envelope, next.context);
    }
    if (this.#runs.size === 0) this.#rested();
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
    if (Number.isInteger(Math.log2(++this.#route.overflows))) {
      const cause = new OverflowError(bound, counts.dropped, counts.waiting);
      this.#route.report('overflow', envelope, cause);
    }
  }
}

/** Reads to the end, or until nobody waits for it. RxJS's `from` would lose a failure after that. */
async function read(values: AsyncIterable<unknown>, run: Run): Promise<void> {
  const iterator = values[Symbol.asyncIterator]();
  while (!run.ended && (await iterator.next()).done !== true);
  if (run.ended) await iterator.return?.();
}
