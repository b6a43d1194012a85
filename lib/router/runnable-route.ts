import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { HandlerPhase } from './handler-error.js';
import type { RouteStats } from './route.js';
import type { RouteSettings } from './route-options.js';

/** A route as its queues and its pipeline use it. */
export interface RunnableRoute {
  readonly closed: boolean;
  readonly settings: RouteSettings<never>;
  /** The counters that move away from the path of every event. */
  readonly counts: Record<Exclude<keyof RouteStats, 'handled'>, number>;
  /** How often an event came to a full queue. */
  overflows: number;
  /** One run of the handler: what it returned. Throws as it does. A closed route runs nothing. */
  call(value: unknown, context: StreamContext): unknown;
  /** A run of the handler took so long, in milliseconds. */
  recordDuration(ms: number): void;
  /**
   * Runs the handler on what the route's source made of an event, as the strategy says.
   *
   * @param now Whether the caller cannot wait: what would have to wait is then a failure.
   */
  run(value: unknown, envelope: Envelope | null, context: StreamContext, now: boolean): void;
  report(phase: HandlerPhase, envelope: Envelope | null, cause: unknown): void;
  /** Runs a task; what handlers dispatch in it comes after it. */
  runToCompletion(task: () => void): void;
  /** Its pipeline has completed: the route ends when nothing runs or waits in it any more. */
  complete(): void;
  /** Nothing runs or waits in one of its queues any more. */
  onIdle(): void;
}
