import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { HandlerPhase } from './handler-error.js';
import type { RouteStats } from './route.js';
import type { RouteSettings } from './route-options.js';
import type { Settlement } from './settlement.js';

/** A route as its queue and its pipeline use it. */
export interface RunnableRoute {
  readonly closed: boolean;
  readonly settings: RouteSettings<never>;
  /** The counters that move away from the path of every event. */
  readonly counts: Record<Exclude<keyof RouteStats, 'handled'>, number>;
  /** Calls the handler: what it returned. Throws as it does. A closed route calls nothing. */
  call(value: unknown, context: StreamContext): unknown;
  /** Runs the handler as the strategy says. */
  run(
    value: unknown,
    envelope: Envelope | null,
    context: StreamContext,
    settlement: Settlement | null,
  ): void;
  /** Keeps how long the handler was busy, in milliseconds. */
  recordDuration(ms: number): void;
  report(
    phase: HandlerPhase,
    envelope: Envelope | null,
    cause: unknown,
    settlement: Settlement | null,
  ): void;
  /** Runs a task; what handlers dispatch in it comes after it. */
  runToCompletion(task: () => void): void;
  /** Its pipeline has completed: the route ends when nothing runs or waits in it any more. */
  complete(): void;
  /** Nothing runs or waits in its queue any more. */
  onIdle(): void;
}
