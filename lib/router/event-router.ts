import type { Observable, Subscription } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { HandlerError } from './handler-error.js';
import type { Interest } from './interest.js';
import type { Route, RouteOptions } from './route.js';
import type { StreamRouter } from './stream-router.js';

/** Defaults for the routes of a router; each route can override them. */
export type RouterOptions = Pick<
  RouteOptions,
  'strategy' | 'concurrency' | 'bound' | 'overflow' | 'key'
>;

/** What a router has done so far. */
export interface RouterStats {
  /** Events dispatched. */
  readonly dispatched: number;
  /** Events that no route wanted. */
  readonly unhandled: number;
}

/** The router of this library. It needs no stream: you can dispatch any event to it. */
export interface EventRouter extends StreamRouter {
  /**
   * For callers that cannot wait: a handler that returns a promise (or an Observable, or is still
   * busy) counts as failed. Returns the failures, which also go to `errors$`.
   *
   * @throws Error if called from inside a handler, where events have to wait.
   */
  dispatchSync(event: Envelope, context?: StreamContext): readonly HandlerError[];

  /** Dispatches everything that a source emits, until the result is unsubscribed. */
  connect(events$: Observable<Envelope>): Subscription;

  /**
   * Events that no route wanted. A route with an operator that is no matcher wants an event if
   * something comes out of it at once.
   */
  readonly unhandled$: Observable<Envelope>;

  /** Resolves when no handler is running and no event is waiting. */
  idle(): Promise<void>;

  /** The routes in the order of their registration. */
  readonly routes: readonly Route[];

  readonly stats: RouterStats;

  readonly interest: Interest;
}
