import { Subscription, type Subject } from 'rxjs';
import { HandlerError } from '../router/index.js';
import { isHeard, visibleLine, writeLog, type StreamLog } from '../text/index.js';
import { AnswerError, type AnswerFault } from './answer-error.js';
import { approves, refusal } from './answers.js';
import { writtenAs, type Given } from './given.js';
import type { Route } from './route.js';
import { runHandler, type Run } from './run-handler.js';
import type { ServerRequest } from './server-request.js';
import type { RequestHandler } from './server-requests.js';

/** What the handlers have done about a request. */
export interface Served {
  /** Those that have seen it: none sees it again. */
  readonly asked: Set<RequestHandler>;
  /** The one that has it now. */
  run: { readonly route: Route; readonly run: Run } | null;
  /** No more are asked: one has answered, or failed. */
  done: boolean;
}

export interface Servable {
  readonly request: ServerRequest;
  readonly served: Served;
}

export interface ServingHost<Entry extends Servable> {
  /** The requests that are not settled, the oldest first. */
  readonly entries: () => readonly Entry[];
  readonly isOpen: (entry: Entry) => boolean;
  readonly give: (entry: Entry, given: Given) => void;
  /** Runs a task after those that are under way. */
  readonly serialize: (task: () => void) => void;
  readonly errors: Subject<HandlerError>;
  /** Gets the errors that no subscriber hears. */
  readonly log: StreamLog | false;
}

/** The handlers that answer requests. */
export interface Serving<Entry extends Servable = never> {
  /** How many answers came late. */
  readonly late: () => number;
  /** Hands a request to the next handler that has not seen it. */
  offer(entry: Entry): void;
  /** Whether there is no handler that might take one. */
  isIdle(): boolean;
  add(route: Route): Subscription;
}

/** Faults of an answer that another answer may mend. */
const replaceable: readonly AnswerFault[] = ['unfit', 'too-large', 'refused'];

export const unserved = (): Served => ({ asked: new Set(), run: null, done: false });

export function createServing<Entry extends Servable>({
  entries,
  isOpen,
  give,
  serialize,
  errors,
  log,
}: ServingHost<Entry>): Serving<Entry> {
  const routes: Route[] = [];
  let lateAnswers = 0;

  function offer(entry: Entry): void {
    const { request, served } = entry;
    if (served.run || served.done || !isOpen(entry)) return;
    if (!request.answerable || request.state !== 'open') return;
    const route = nextFor(entry);
    if (!route) return;
    served.asked.add(route.handler);
    const state = { isOver: false };
    const over = (isDone: boolean) => {
      state.isOver = true;
      served.run = null;
      served.done = isDone;
    };
    const run = runHandler(request, route.handler, route.timeout, {
      answered(answer, why) {
        over(true);
        const failed = (error: AnswerError) => {
          const isLate = error.kind === 'taken' || error.kind === 'settled';
          if (isLate) lateAnswers++;
          else fail(entry, route, error);
        };
        give(entry, { answer, by: route.name, why, failed });
      },
      passed() {
        over(false);
        offer(entry);
      },
      failed(cause) {
        over(true);
        fail(entry, route, cause);
      },
      timedOut() {
        over(true);
        fallBack(entry, route, `no answer came within ${route.timeout} ms`);
      },
      late() {
        lateAnswers++;
      },
    });
    // It may be over at once, and its request may have settled meanwhile.
    if (state.isOver) return;
    served.run = { route, run };
    if (!isOpen(entry)) run.end('it is settled');
  }

  function nextFor(entry: Entry): Route | undefined {
    const { request, served } = entry;
    for (const route of routes) {
      if (served.asked.has(route.handler)) continue;
      try {
        if (route.matches(request)) return route;
      } catch (error) {
        // Who comes later must not decide what this one might have refused.
        served.done = true;
        report(entry, route, error, 'matcher');
        return undefined;
      }
    }
    return undefined;
  }

  function fail(entry: Entry, route: Route, cause: unknown): void {
    report(entry, route, cause);
    const isReplaceable = !(cause instanceof AnswerError) || replaceable.includes(cause.kind);
    if (route.onError === 'fallback' && isReplaceable) fallBack(entry, route, 'its handler failed');
  }

  function fallBack(entry: Entry, route: Route, why: string): void {
    const { request } = entry;
    if (!isOpen(entry) || request.state !== 'open') return;
    try {
      const given = route.fallback ? route.fallback(request) : refusal(request, why);
      if (given === null)
        throw new TypeError(`There is no fallback for ${visibleLine(request.method)}.`);
      const written = writtenAs(given);
      const answer = typeof written === 'string' ? given : written[0];
      if (approves(request, answer)) throw new TypeError('A fallback must not approve.');
      const failed = (error: AnswerError) => {
        report(entry, route, error);
      };
      give(entry, { answer, by: route.name, why, failed });
    } catch (error) {
      report(entry, route, error);
    }
  }

  function report(
    { request }: Entry,
    { name }: Route,
    cause: unknown,
    kind: 'handler' | 'matcher' = 'handler',
  ): void {
    const error = new HandlerError(name, kind, request.event, cause);
    if (!isHeard(errors)) writeLog(log, error.message, error);
    serialize(() => {
      errors.next(error);
    });
  }

  return {
    late: () => lateAnswers,
    isIdle: () => routes.length === 0,
    offer,
    add(route) {
      routes.push(route);
      serialize(() => {
        for (const entry of entries()) offer(entry);
      });
      return new Subscription(() => {
        routes.splice(routes.indexOf(route), 1);
        for (const entry of entries()) {
          const { served } = entry;
          if (served.run?.route !== route) continue;
          served.run.run.end('its handler was removed');
          served.run = null;
          offer(entry);
        }
      });
    },
  };
}
