import { defer, Subject, Subscription, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { RunnableRoute } from './runnable-route.js';
import { shield, watch } from './shield.js';

/** The operators of a route that are no matchers: fed by the router, and kept apart by it. */
export class Pipeline {
  readonly #operator: OperatorFunction<Envelope, unknown>;
  readonly #route: RunnableRoute;
  #input: Subject<Envelope> | null = null;
  #output = Subscription.EMPTY;
  /** The event that goes through now, `null` between two. */
  #current: Envelope | null = null;
  #context!: StreamContext;
  #now = false;
  #reached = false;

  constructor(operator: OperatorFunction<Envelope, unknown>, route: RunnableRoute) {
    this.#operator = operator;
    this.#route = route;
  }

  /** Sends an event through: whether something came out at once. */
  push(event: Envelope, context: StreamContext, now: boolean): boolean {
    this.#current = event;
    this.#context = context;
    this.#now = now;
    this.#reached = false;
    // A pipeline that died starts anew with the next event, never inside its own death.
    if (this.#input === null) this.#connect();
    this.#input?.next(event);
    this.#current = null;
    this.#now = false;
    return this.#reached;
  }

  close(): void {
    this.#input = null;
    this.#output.unsubscribe();
  }

  #connect(): void {
    const input = new Subject<Envelope>();
    this.#input = input;
    const die = (cause: unknown) => {
      if (this.#input === input) this.close();
      this.#route.report('pipeline', this.#current, cause);
    };
    const observer = {
      next: (value: unknown) => {
        this.#emit(value);
      },
      error: die,
      complete: () => {
        this.#route.complete();
      },
    };
    this.#output = watch(
      defer(() => this.#operator(shield(input, die))),
      observer,
      die,
    );
    // It may have ended while it was being subscribed to.
    if (this.#input !== input) this.close();
  }

  #emit(value: unknown): void {
    this.#reached = true;
    const [route, context, now] = [this.#route, this.#context, this.#now];
    const envelope = isEvent(value) ? value : this.#current;
    // It may come at another time, after a delay for example, and is run to completion then.
    route.runToCompletion(() => {
      route.run(value, envelope, context, now);
    });
  }
}

/** Whether an operator let an event through as it was, perhaps at another time, as `delay` does. */
const isEvent = (value: unknown): value is Envelope =>
  typeof value === 'object' && value !== null && 'threadId' in value && 'type' in value;
