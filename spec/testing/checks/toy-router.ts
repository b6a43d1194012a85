import type { Envelope, Handler, HandlerFault, StreamRouter } from 'codex-rx';
import { HandlerError } from 'codex-rx';

/** What can be wrong with a router. */
export type Flaw =
  | 'order by type'
  | 'every fourth event lost'
  | 'async handlers all at once'
  | 'throws swallowed'
  | 'throws let through'
  | 'rejections swallowed'
  | 'matcher errors swallowed'
  | 'listeners unguarded'
  | 'handlers awaited in series'
  | 'nested dispatch'
  | 'live array'
  | 'snapshot kept'
  | 'first match';

interface ToyRoute {
  readonly name: string;
  readonly byType: boolean;
  readonly test: (event: Envelope) => boolean;
  readonly handler: Handler<Envelope>;
  tail: Promise<unknown> | null;
  closed: boolean;
}

type Listener = (error: HandlerError) => void;

/** A small router that keeps the invariants, but for one flaw. It takes matchers only. */
export function toyRouter(flaw?: Flaw): StreamRouter {
  const routes: ToyRoute[] = [];
  const listeners = new Set<Listener>();
  const waiting: Envelope[] = [];
  const context = { threadId: null, connection: 0, reconnects: 0, receivedAt: 0 };
  let busy = false;
  let dispatched = 0;
  let series: Promise<unknown> | null = null;

  function report(route: string, kind: HandlerFault, event: Envelope, cause: unknown): void {
    for (const listener of listeners) {
      if (flaw === 'listeners unguarded') {
        listener(new HandlerError(route, kind, event, cause));
        continue;
      }
      try {
        listener(new HandlerError(route, kind, event, cause));
      } catch {
        // Its own fault.
      }
    }
  }

  function matches(route: ToyRoute, event: Envelope): boolean {
    try {
      return route.test(event);
    } catch (cause) {
      if (flaw !== 'matcher errors swallowed') report(route.name, 'matcher', event, cause);
      return false;
    }
  }

  function call(route: ToyRoute, event: Envelope): unknown {
    if (route.closed && flaw !== 'snapshot kept') return;
    try {
      const result = route.handler(event, context);
      if (!(result instanceof Promise)) return;
      return result.catch((cause: unknown) => {
        if (flaw !== 'rejections swallowed') report(route.name, 'handler', event, cause);
      });
    } catch (cause) {
      if (flaw === 'throws let through') throw cause;
      if (flaw !== 'throws swallowed') report(route.name, 'handler', event, cause);
      return;
    }
  }

  function run(route: ToyRoute, event: Envelope): void {
    const parallel = flaw === 'async handlers all at once';
    if (flaw === 'handlers awaited in series') {
      // What is async holds up everything that comes after it, in any route.
      const next = series === null ? call(route, event) : series.then(() => call(route, event));
      if (next instanceof Promise) series = next;
      return;
    }
    const next =
      route.tail === null || parallel
        ? call(route, event)
        : route.tail.then(() => call(route, event));
    if (!(next instanceof Promise)) return;
    const tail: Promise<unknown> = next.then(() => {
      if (route.tail === tail) route.tail = null;
    });
    route.tail = tail;
  }

  function deliver(event: Envelope): void {
    const found = flaw === 'live array' ? routes : [...routes];
    if (flaw === 'order by type') found.sort((a, b) => Number(b.byType) - Number(a.byType));
    for (const route of found) {
      if (!matches(route, event)) continue;
      run(route, event);
      if (flaw === 'first match') return;
    }
  }

  return {
    on(...[source, handler, options]: unknown[]) {
      const { name = 'toy' } = (options ?? {}) as { name?: string };
      const { test, key } = source as Pick<ToyRoute, 'test'> & { key: { types?: unknown } };
      const route: ToyRoute = {
        name,
        byType: key.types !== undefined,
        test,
        handler: handler as Handler<Envelope>,
        tail: null,
        closed: false,
      };
      routes.push(route);
      return {
        name,
        closed: false,
        stats: {} as never,
        unsubscribe() {
          route.closed = true;
          if (routes.includes(route)) routes.splice(routes.indexOf(route), 1);
        },
      };
    },
    dispatch(event) {
      if (++dispatched === 4 && flaw === 'every fourth event lost') return;
      if (flaw === 'nested dispatch') {
        deliver(event);
        return;
      }
      waiting.push(event);
      if (busy) return;
      busy = true;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) deliver(next);
      busy = false;
    },
    errors$: {
      subscribe(listener: Listener) {
        listeners.add(listener);
      },
    } as unknown as StreamRouter['errors$'],
  };
}
