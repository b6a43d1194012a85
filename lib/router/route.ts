import type { StreamContext } from './context.js';

/**
 * What a route does with its events. A handler that returns a promise, an Observable or an async
 * iterable is waited for as its route's {@link RouteOptions.strategy} says; any other result is
 * ignored.
 */
export type Handler<T> = (event: T, context: StreamContext) => unknown;

/**
 * What happens to an event that comes while the handler is still busy with earlier ones:
 * - `concat`: it waits (as in `concatMap`);
 * - `merge`: it runs at once, alongside them, up to `concurrency` (as in `mergeMap`);
 * - `switch`: the earlier one is unsubscribed, or its promise ignored (as in `switchMap`);
 * - `exhaust`: it is skipped and counted (as in `exhaustMap`).
 */
export type Strategy = 'concat' | 'merge' | 'switch' | 'exhaust';

/**
 * Which event is dropped when a queue is full: the one that has waited longest, or the new one.
 * Server requests and lifecycle events are never dropped: they are kept beyond the bound, and this
 * is reported.
 */
export type Overflow = 'drop-oldest' | 'drop-newest';

/** How a route treats its events. */
export interface RouteOptions<T = unknown> {
  /**
   * Names the route in errors and metrics.
   *
   * @default the name of the handler, or else of the steps
   */
  readonly name?: string;
  /**
   * What to do with an event while the handler is busy.
   *
   * @default 'concat'
   */
  readonly strategy?: Strategy;
  /**
   * Applies the strategy for each key on its own, such as each thread. With `merge` it has no
   * effect.
   *
   * @default one key for all
   */
  readonly key?: (event: T) => unknown;
  /**
   * How many handlers may run at once under `merge`, or with a `key`: over all keys together. Above
   * it, events wait, and the keys take turns.
   *
   * @default 100
   */
  readonly concurrency?: number;
  /**
   * How many events may wait, over all keys together.
   *
   * @default 10_000
   */
  readonly bound?: number;
  /**
   * Which event is dropped when the queue is full.
   *
   * @default 'drop-oldest'
   */
  readonly overflow?: Overflow;
}

/** What a route has done so far. Counts never go back. */
export interface RouteStats {
  /** Handler runs that were started. */
  readonly handled: number;
  /** Reports on `errors$`, those of overflow aside. */
  readonly failed: number;
  /** Events dropped from a full queue. */
  readonly dropped: number;
  /** Events that `exhaust` skipped. */
  readonly skipped: number;
  /** Handler runs, and events that waited for room, that `switch` gave up for a newer event. */
  readonly cancelled: number;
  /** Handlers that are running now. */
  readonly running: number;
  /** Events that are waiting now. */
  readonly waiting: number;
  /**
   * The longest that the handler took, in milliseconds. A handler that is waited for is timed to
   * its end each time; a synchronous one, the first time and every 64th time.
   */
  readonly slowest: number;
}

/** A handler's registration. Fits RxJS: `subscription.add(route)`. */
export interface Route {
  readonly name: string;
  readonly closed: boolean;
  readonly stats: RouteStats;
  /** Ends the route: it sees nothing more, and what waits or runs in it is given up. */
  unsubscribe(): void;
}
