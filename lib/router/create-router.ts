import { Subject } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import { HandlerError } from './handler-error.js';
import type { EventRouter, RouterOptions } from './event-router.js';
import { mustBe, mustBeKnown } from '../options/index.js';
import { isHeard, messageOf, visibleLine, writeLog } from '../text/index.js';
import { createKeyCounts, isOfAll, type Interest, type KeyCounts } from './interest.js';
import { createRouteIndex } from './route-index.js';
import { routeOptions } from './route-options.js';
import { Settlement } from './settlement.js';
import { shield } from './shield.js';
import { RunningRoute, type RouteHost } from './running-route.js';
import { compileSource, readRouteArguments } from './source.js';
import { isList } from './type-table.js';

/** How many events handlers may dispatch while one event is being dispatched. */
const reentrantBound = 100_000;

/**
 * Creates a router: every matching route runs, in registration order, each apart from the others.
 *
 * @example
 * const router = createRouter();
 * router.on(ofAppServer('turn/completed'), ({ turnId }) => console.log(`${turnId} is over`));
 * router.errors$.subscribe((error) => console.warn(error.message));
 *
 * @throws TypeError that names the option that is wrong.
 */
export function createRouter(options: RouterOptions = {}): EventRouter {
  mustBeKnown('', options, ['strategy', 'concurrency', 'bound', 'overflow', 'key']);
  const defaults = routeOptions(options);
  /** With those that are removed, until they are half of it: it costs the same in a long list. */
  let routes: RunningRoute[] = [];
  let removed = 0;
  const index = createRouteIndex<RunningRoute>();
  /** Made when it is first asked for: most streams read every frame. */
  let interest: Interest | null = null;
  let keys: KeyCounts | null = null;
  const errors = new Subject<HandlerError>();
  const unhandled = new Subject<Envelope>();
  const stats = { dispatched: 0, unhandled: 0 };
  const pending: { event: Envelope; context: StreamContext }[] = [];
  const waiters: (() => void)[] = [];
  let dispatching = false;
  let failures: HandlerError[] | null = null;
  let order = 0;

  function write(message: string, error: unknown): void {
    writeLog(router.log ?? console, message, error);
  }

  function createInterest(): Interest {
    const counts = createKeyCounts();
    keys = counts;
    for (const { key, closed } of routes) if (!closed) counts.add(key);
    return {
      // What is dispatched now may add routes, which begin with the next event.
      get all() {
        return dispatching || unhandled.observed || counts.all;
      },
      get revision() {
        return counts.revision;
      },
      wants: counts.wants,
      threads: counts.threads,
      causes() {
        const names = routes
          .filter(({ key, closed }) => !closed && isOfAll(key))
          .map(({ name }) => `route "${name}"`);
        return unhandled.observed ? ['router.unhandled$', ...names] : names;
      },
    };
  }

  function report(error: HandlerError): void {
    failures?.push(error);
    if (!isHeard(errors)) write(error.message, error);
    // Every listener gets this error before any gets what another one has dispatched.
    runToCompletion(() => {
      errors.next(error);
    });
  }

  function isIdle(): boolean {
    if (dispatching) return false;
    for (const route of routes) if (!route.isIdle) return false;
    return true;
  }

  function deliver(event: Envelope, context: StreamContext, now: boolean): void {
    stats.dispatched++;
    const settlement = context.settled || now ? settlementOf(event, context, now) : null;
    let wanted = false;
    const found = index.lookup(event);
    if (!isList(found)) wanted = found.deliver(event, context, settlement);
    else {
      // A route that is added meanwhile stands behind this length, and starts with the next event.
      const { length } = found;
      for (let at = 0; at < length; at++) {
        if ((found[at] as RunningRoute).deliver(event, context, settlement)) wanted = true;
      }
    }
    if (!wanted) {
      stats.unhandled++;
      if (unhandled.observed) unhandled.next(event);
    }
    settlement?.release();
  }

  function settlementOf(event: Envelope, { settled }: StreamContext, now: boolean): Settlement {
    return new Settlement(now, (failed) => {
      runToCompletion(() => {
        try {
          settled?.(failed);
        } catch (cause) {
          report(new HandlerError('settled', 'source', event, cause));
        }
      });
    });
  }

  /** Runs a task, and then what handlers dispatched meanwhile: after it, never inside it. */
  function runToCompletion(task: () => void): void {
    if (dispatching) {
      task();
      return;
    }
    dispatching = true;
    try {
      task();
      drain();
    } finally {
      dispatching = false;
    }
    rest();
  }

  function drain(): void {
    for (let next = 0; next < pending.length; next++) {
      const { event, context } = pending[next] as (typeof pending)[number];
      deliver(event, context, false);
    }
    pending.length = 0;
  }

  function rest(): void {
    if (waiters.length === 0 || !isIdle()) return;
    for (const wake of waiters.splice(0)) wake();
  }

  const host: RouteHost = {
    report,
    runToCompletion,
    onRemoved(route) {
      index.remove(route);
      keys?.remove(route.key);
      if (++removed * 2 < routes.length) return;
      routes = routes.filter(({ closed }) => !closed);
      removed = 0;
    },
  };

  const router: EventRouter = {
    on(...given: unknown[]) {
      const { steps, handler, options } = readRouteArguments(given);
      const settings = routeOptions(options, defaults);
      const route = new RunningRoute(++order, compileSource(steps), handler, settings, host);
      routes.push(route);
      index.add(route);
      keys?.add(route.key);
      return route;
    },

    dispatch(event, context = manual) {
      if (!dispatching) {
        // The path of every event: runToCompletion, without a closure for it.
        dispatching = true;
        try {
          deliver(event, context, false);
          if (pending.length > 0) drain();
        } finally {
          dispatching = false;
        }
        if (waiters.length > 0) rest();
      } else if (pending.length < reentrantBound) {
        // What is no event would fail in the loop, for all that wait with it.
        mustBe(typeof event.type === 'string', 'event', 'an Envelope');
        pending.push({ event, context });
      } else {
        throw new RangeError(
          `${visibleLine(event.type)} was not taken: a handler seems to feed itself.`,
        );
      }
    },

    dispatchSync(event, context = manual) {
      if (dispatching) {
        throw new Error('Inside a handler, use dispatch and not dispatchSync.');
      }
      failures = [];
      try {
        runToCompletion(() => {
          deliver(event, context, true);
        });
        return failures;
      } finally {
        failures = null;
      }
    },

    connect: (events$) =>
      shield(events$, (cause) => {
        report(new HandlerError('connect', 'source', null, cause));
      }).subscribe((event) => {
        router.dispatch(event);
      }),

    idle: () =>
      isIdle()
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push(resolve);
          }),

    get routes() {
      return routes.filter(({ closed }) => !closed);
    },
    get interest() {
      return (interest ??= createInterest());
    },
    stats,
    log: undefined,
    errors$: shield(errors, (error) => {
      write(`A subscriber of errors$ threw: ${messageOf(error)}`, error);
    }),
    unhandled$: shield(unhandled, (cause) => {
      report(new HandlerError('unhandled$', 'handler', null, cause));
    }),
  };
  return router;
}

/** The context of events that no stream brought. */
const manual: StreamContext = { threadId: null, connection: 0, reconnects: 0, receivedAt: 0 };
