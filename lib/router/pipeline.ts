import { defer, Subject, Subscription, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { RunnableRoute, Work } from './runnable-route.js';
import { shield, watch } from './shield.js';

/** The operators of a route that are no matchers: fed by the router, and kept apart by it. */
export interface Pipeline {
  /** Sends an event through: whether something came out at once. */
  push(work: Work & { readonly envelope: Envelope }): boolean;
  close(): void;
}

export function createPipeline(
  operator: OperatorFunction<Envelope, unknown>,
  route: RunnableRoute,
): Pipeline {
  let input: Subject<Envelope> | null = null;
  let output = Subscription.EMPTY;
  /** The event that goes through now, `null` between two; and the last one. */
  let current: Work | null = null;
  let last: Work;
  let hasEmitted = false;

  function close(): void {
    input = null;
    output.unsubscribe();
  }

  function connect(): void {
    const source = new Subject<Envelope>();
    const die = (cause: unknown) => {
      if (input === source) close();
      route.report('pipeline', cause, current);
    };
    const next = (value: unknown) => {
      const { envelope, settlement } = current ?? nothing;
      const { context } = last;
      const work = { value, envelope: isEvent(value) ? value : envelope, context, settlement };
      hasEmitted = true;
      // It may come at another time, after a delay for example, and is run to completion then.
      route.runToCompletion(() => {
        route.run(work);
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
    push(work) {
      current = last = work;
      hasEmitted = false;
      // A pipeline that died starts anew with the next event, never inside its own death.
      if (input === null) connect();
      input?.next(work.envelope);
      current = null;
      return hasEmitted;
    },
  };
}

const nothing = { envelope: null, settlement: null };

/** Whether an operator let an event through as it was, perhaps at another time, as `delay` does. */
const isEvent = (value: unknown): value is Envelope =>
  typeof value === 'object' && value !== null && 'threadId' in value && 'type' in value;
