import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import { HandlerQueue } from './handler-queue.js';
import type { RunnableRoute } from './runnable-route.js';
import type { Waitable } from './waitable.js';

/** The queues of a route: one for each key, or one for all. */
export class KeyedQueues {
  readonly #route: RunnableRoute;
  readonly #queues = new Map<unknown, HandlerQueue>();

  constructor(route: RunnableRoute) {
    this.#route = route;
  }

  get idle(): boolean {
    const { running, waiting } = this.#route.counts;
    return running === 0 && waiting === 0;
  }

  deliver(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    const key = this.#route.settings.key?.(value as never);
    this.#laneOf(key).deliver(value, envelope, context);
  }

  /** Waits for the result of a route without keys. */
  hold(result: Waitable, envelope: Envelope | null): void {
    this.#laneOf(undefined).hold(result, envelope);
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close();
  }

  #laneOf(key: unknown): HandlerQueue {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue = new HandlerQueue(this.#route, () => {
      // A key's queue is kept while something runs or waits in it: keys may be without end.
      if (key !== undefined) this.#queues.delete(key);
      this.#route.onIdle();
    });
    this.#queues.set(key, queue);
    return queue;
  }
}
