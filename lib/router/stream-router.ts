import type { Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamLog } from '../text/index.js';
import type { AddRoute } from './add-route.js';
import type { StreamContext } from './context.js';
import type { HandlerError } from './handler-error.js';
import type { Interest } from './interest.js';
import type { Route } from './route.js';

/**
 * What a stream needs of a router, and so what a router of your own has to offer to be its `router`
 * option. It should keep handlers apart, keep the order, never block in `dispatch`, and keep errors
 * visible: `describeRouter` of `codex-rx/testing` checks that it does.
 */
export interface StreamRouter {
  /** Registers a handler; handlers of one event run in the order of their registration. */
  readonly on: AddRoute;

  /** Hands an event to every route that matches. Waits for no handler, and never throws. */
  dispatch(event: Envelope, context?: StreamContext): void;

  /** What went wrong in routes. Without a subscriber it goes to the `log`. */
  readonly errors$: Observable<HandlerError>;

  /**
   * Gets what no subscriber of `errors$` hears; `false`: nothing is written. A stream sets it to
   * its own `log`, unless it is set.
   *
   * @default console
   */
  log?: StreamLog | false | undefined;

  /**
   * Its routes, if it lists them: `metrics()` of a stream then knows of queues and slow handlers.
   */
  readonly routes?: readonly Route[];

  /**
   * What its routes want of events, if it can tell: `ignore: 'unrouted'` of a stream needs that.
   */
  readonly interest?: Interest;
}
