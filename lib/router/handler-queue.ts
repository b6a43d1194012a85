import { asyncScheduler, defer, Subscription } from 'rxjs';
import { isThenable } from '../async/index.js';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import { OverflowError } from './handler-error.js';
import type { RunnableRoute } from './runnable-route.js';
import { isWaitable, type Waitable } from './waitable.js';
import { BoundedQueue } from './bounded-queue.js';
import { watch } from './shield.js';

/** The handler runs of one route (and of one key) that have not ended, and what waits for them. */
export class HandlerQueue {
  readonly #route: RunnableRoute;
  readonly #runs = new Set<Subscription>();
  readonly #queue = new BoundedQueue();
  readonly #rested: () => void;
  /** How many handlers are being called right now: their pipeline may call them from within. */
  #calling = 0;

  constructor(
    route: RunnableRoute,
    /** Called when nothing runs or waits any more. */
    rested: () => void,
  ) {
    this.#route = route;
    this.#rested = rested;
  }

  deliver(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    const { settings, counts } = this.#route;
    if (this.#runs.size > 0 || this.#calling > 0) {
      switch (settings.strategy) {
        case 'exhaust':
          counts.skipped++;
          return;
        case 'switch':
          counts.cancelled += this.#runs.size;
          this.#calling++;
          this.#giveUp();
          this.#calling--;
          break;
        case 'merge':
          if (this.#runs.size < settings.concurrency) break;
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
    const { counts } = this.#route;
    const error = (cause: unknown) => {
      // A run that was given up may still fail, and this is not kept from anybody.
      this.#route.report('handler', envelope, cause);
    };
    const began = asyncScheduler.now();
    let run = new Subscription();
    if (isThenable(result)) {
      void Promise.resolve(result)
        .then(null, error)
        .then(() => {
          run.unsubscribe();
        });
    } else if (!this.#route.closed) {
      run = watch(
        defer(() => result),
        { error },
        error,
      );
    }
    this.#runs.add(run);
    counts.running++;
    // The last thing that it does: as in RxJS, what it holds is released before the next begins.
    run.add(() => {
      this.#runs.delete(run);
      counts.running--;
      this.#route.recordDuration(asyncScheduler.now() - began);
      this.#route.runToCompletion(() => {
        this.#drain();
      });
    });
    // By its own handler, or while it was being subscribed to.
    if (this.#route.closed) run.unsubscribe();
  }

  /** Gives up what runs and what waits. */
  close(): void {
    this.#route.counts.waiting -= this.#queue.length;
    this.#queue.clear();
    this.#giveUp();
  }

  #giveUp(): void {
    for (const run of this.#runs) run.unsubscribe();
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
    if (this.#queue.pushOver(item, overflow)) counts.dropped++;
    else counts.waiting++;
    // At the 1st, 2nd, 4th, 8th … of them: a flood is reported, and the report is no flood.
    if (Number.isInteger(Math.log2(++this.#route.overflows))) {
      const cause = new OverflowError(bound, counts.dropped, counts.waiting);
      this.#route.report('queue', envelope, cause);
    }
  }
}
