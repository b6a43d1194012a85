import { defer, Subject, Subscription, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { RunnableRoute } from './runnable-route.js';
import type { Settlement } from './settlement.js';
import { shield, watch } from './shield.js';

/** The operators of a route that are no matchers: fed by the router, and kept apart by it. */
export interface Pipeline {
  /** Sends an event through: whether something came out at once. */
  push(event: Envelope, context: StreamContext, settlement: Settlement | null): boolean;
  close(): void;
}

export function createPipeline(
  operator: OperatorFunction<Envelope, unknown>,
  route: RunnableRoute,
): Pipeline {
  let input: Subject<Envelope> | null = null;
  let output = Subscription.EMPTY;
  /** The event that goes through now, and who waits for it; `null` between two. */
  let current: Envelope | null = null;
  let waiting: Settlement | null = null;
  /** That of the last event. */
  let lastContext: StreamContext;
  let hasEmitted = false;

  function close(): void {
    input = null;
    output.unsubscribe();
  }

  function connect(): void {
    const source = new Subject<Envelope>();
    const die = (cause: unknown) => {
      if (input === source) close();
      route.report('pipeline', current, cause, waiting);
    };
    const next = (value: unknown) => {
      const [context, settlement] = [lastContext, waiting];
      const envelope = isEvent(value) ? value : current;
      hasEmitted = true;
      // It may come at another time, after a delay for example, and is run to completion then.
      route.runToCompletion(() => {
        route.run(value, envelope, context, settlement);
      });
    };
    const complete = () => {
      route.complete();
    };
    input = source;
    output = watch(
      defer(() => operator(shield(source, die))),
      { next, error: die, complete },
      die,
    );
    // It may have ended while it was being subscribed to.
    if (input !== source) close();
  }

  return {
    close,
    push(event, context, settlement) {
      current = event;
      lastContext = context;
      waiting = settlement;
      hasEmitted = false;
      // A pipeline that died starts anew with the next event, never inside its own death.
      if (input === null) connect();
      input?.next(event);
      current = waiting = null;
      return hasEmitted;
    },
  };
}

/** Whether an operator let an event through as it was, perhaps at another time, as `delay` does. */
const isEvent = (value: unknown): value is Envelope =>
  typeof value === 'object' && value !== null && 'threadId' in value && 'type' in value;
