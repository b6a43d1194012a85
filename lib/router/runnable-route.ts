import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { HandlerFault } from './handler-error.js';
import type { RouteStats } from './route.js';
import type { RouteSettings } from './route-options.js';
import type { Settlement } from './settlement.js';

/** An event, or what the operators of a route made of it, on its way to the handler. */
export interface Work {
  readonly value: unknown;
  /** The event behind the value, where it is known. */
  readonly envelope: Envelope | null;
  readonly context: StreamContext;
  readonly settlement: Settlement | null;
}

/** A route as its queue and its pipeline use it. */
export interface RunnableRoute {
  readonly closed: boolean;
  readonly settings: RouteSettings<never>;
  /** The counters that move away from the path of every event. */
  readonly counts: Record<Exclude<keyof RouteStats, 'handled'>, number>;
  /** Calls the handler: what it returned. Throws as it does. A closed route calls nothing. */
  call(work: Work): unknown;
  /** Runs the handler as the strategy says. */
  run(work: Work): void;
  /** Keeps how long the handler was busy, in milliseconds. */
  recordDuration(ms: number): void;
  report(kind: HandlerFault, cause: unknown, work: Work | null): void;
  /** Runs a task; what handlers dispatch in it comes after it. */
  runToCompletion(task: () => void): void;
  /** Its pipeline has completed: the route ends when nothing runs or waits in it any more. */
  complete(): void;
  /** Nothing runs or waits in its queue any more. */
  onIdle(): void;
}
