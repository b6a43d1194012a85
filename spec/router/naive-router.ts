import {
  forRequest,
  forThread,
  forTurn,
  matching,
  ofAppServer,
  ofAppServerRequest,
  ofPrefix,
  ofTurnStarted,
  ofType,
  type Envelope,
  type EventRouter,
  type Matcher,
  type Route,
  type RouteOptions,
  type Strategy,
} from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import fc from 'fast-check';
import { ignoreElements, map, mergeMap, Observable, of, take, throwError } from 'rxjs';

/** Events whose payload is their number, and which many of the matchers below match. */
export const anyEvent = fc
  .record({
    type: fc.constantFrom(
      'a',
      'ab',
      'approval',
      'app_server.item.started',
      'app_server.turn.started',
      'app_server.request.item.tool.call',
      '__proto__',
      'constructor',
      'error',
    ),
    payload: fc.nat(20),
    threadId: fc.constantFrom(null, 't1', 't2'),
    turnId: fc.constantFrom(null, 'u1', 'u2'),
    requestId: fc.constantFrom(null, 0, '0', 1, 'r'),
  })
  .map(({ type, payload, ...ids }) => envelope(type, payload, ids));

const boom = (): never => {
  throw new Error('boom');
};

export const anyMatcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc
    .subarray(['a', 'ab', 'approval', 'error', '__proto__', 'constructor'], { minLength: 1 })
    .map((types) => ofType(...(types as ['a']))),
  fc
    .subarray(['', 'a', 'app', 'app_server.', 'app_server.request.'], { minLength: 1 })
    .map((prefixes) => ofPrefix(...(prefixes as ['a']))),
  fc.constantFrom<Matcher>(
    ofAppServer(),
    ofAppServer('item/started'),
    ofAppServer('turn.started', 'item.started'),
    ofAppServerRequest(),
    ofAppServerRequest('item/tool/call'),
    ofTurnStarted(),
    matching(({ payload }) => (payload as number) % 2 === 0),
    matching(({ payload }) => (payload as number) % 3 === 0 && boom()),
  ),
  fc
    .array(fc.constantFrom('t1', 't2'), { minLength: 1, maxLength: 3 })
    .map((ids) => forThread(...(ids as ['t1']))),
  fc
    .array(fc.constantFrom('u1', 'u2'), { minLength: 1, maxLength: 3 })
    .map((ids) => forTurn(...(ids as ['u1']))),
  fc
    .array(fc.constantFrom(0, '0', 'r'), { minLength: 1, maxLength: 3 })
    .map((ids) => forRequest(...(ids as ['r']))),
);

const operators = {
  same: map((event: Envelope) => event),
  mute: ignoreElements(),
  twice: mergeMap((event: Envelope) => [event, event]),
  take2: take(2),
  dies: map((event: Envelope) => ((event.payload as number) % 3 === 1 ? boom() : event)),
  neverBegins: boom,
  badEnd: (source: Observable<Envelope>) =>
    new Observable<Envelope>((subscriber) => {
      subscriber.add(source.subscribe(subscriber));
      subscriber.add(boom);
    }),
};

type Act =
  | { readonly kind: 'nothing' | 'throws' | 'completes' | 'errors' }
  | { readonly kind: 'dispatches'; readonly event: Envelope }
  | { readonly kind: 'adds' | 'removes'; readonly at: number };

interface RoutePlan {
  readonly matchers: readonly Matcher[];
  readonly operator: keyof typeof operators | null;
  readonly strategy: Strategy;
  readonly key: 'none' | 'thread' | 'throws';
  /** What the handler does in its 1st, 2nd, … run, and then from the beginning. */
  readonly acts: readonly Act[];
}

export interface Plan {
  /** The routes; those that do not stand at the beginning may be added by handlers. */
  readonly routes: readonly RoutePlan[];
  readonly standing: number;
  readonly events: readonly Envelope[];
  /** What a listener of `errors$` dispatches. */
  readonly onError: Envelope;
}

const index = fc.nat(9);

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constantFrom('nothing', 'throws', 'completes', 'errors') }),
  fc.record({ kind: fc.constant('dispatches'), event: anyEvent }),
  fc.record({ kind: fc.constantFrom('adds', 'removes'), at: index }),
);

const isGuard = ({ name }: Matcher): boolean => name.startsWith('matching');

const anyRoute: fc.Arbitrary<RoutePlan> = fc
  .record({
    matchers: fc.array(anyMatcher, { maxLength: 3 }),
    operator: fc.option(fc.constantFrom(...(Object.keys(operators) as (keyof typeof operators)[]))),
    strategy: fc.constantFrom<Strategy>('concat', 'merge', 'switch', 'exhaust'),
    key: fc.constantFrom('none', 'none', 'thread', 'throws'),
    acts: fc.array(anyAct, { minLength: 1, maxLength: 3 }),
  })
  .map((route) => ({
    ...route,
    operator: route.matchers.length > 0 ? route.operator : (route.operator ?? 'same'),
    // Guards come last: a guard that throws is not asked about events that the index rules out.
    matchers: [...route.matchers].sort((a, b) => Number(isGuard(a)) - Number(isGuard(b))),
  }));

export const anyPlan: fc.Arbitrary<Plan> = fc.record({
  routes: fc.array(anyRoute, { minLength: 1, maxLength: 10 }),
  standing: fc.nat(10),
  events: fc.array(anyEvent, { minLength: 1, maxLength: 8 }),
  onError: anyEvent,
});

/** How many acts of dispatching and adding a plan may have: they may lead to one another. */
const budget = 30;

/** What happens, in order, when a router carries out a plan. */
export function carriedOut(plan: Plan, router: EventRouter): readonly string[] {
  const log: string[] = [];
  const routes: Route[] = [];
  let left = budget;
  const dispatch = (event: Envelope) => {
    if (left-- > 0) router.dispatch(event);
  };

  function add({ matchers, operator, strategy, key, acts }: RoutePlan): void {
    const name = `#${routes.length}`;
    let runs = 0;
    const options: RouteOptions = {
      name,
      strategy,
      ...(key === 'none'
        ? {}
        : { key: key === 'throws' ? boom : (event) => (event as Envelope).threadId }),
    };
    const steps = operator === null ? matchers : [...matchers, operators[operator]];
    const handler = (event: Envelope): unknown => {
      log.push(`${name} sees ${event.type} ${event.payload as number}`);
      const act = acts[runs++ % acts.length]!;
      switch (act.kind) {
        case 'nothing':
          return;
        case 'throws':
          return boom();
        case 'completes':
          return of(1, 2);
        case 'errors':
          return throwError(() => new Error('boom'));
        case 'dispatches':
          dispatch(act.event);
          return;
        case 'adds':
          if (left-- > 0) add(plan.routes[act.at % plan.routes.length]!);
          return;
        case 'removes':
          routes[act.at % routes.length]!.unsubscribe();
          return;
      }
    };
    const on = router.on as (...given: unknown[]) => Route;
    routes.push(on(...steps, handler, options));
  }

  router.errors$.subscribe(boom);
  router.errors$.subscribe(({ route, kind, envelope }) =>
    log.push(`${route} failed: ${kind}, ${envelope?.type} ${envelope?.payload as number}`),
  );
  router.errors$.subscribe(({ route }) => {
    if (route !== 'unhandled$') dispatch(plan.onError);
  });
  router.unhandled$.subscribe(({ type, payload }) =>
    log.push(`unhandled ${type} ${payload as number}`),
  );
  router.unhandled$.subscribe(boom);
  for (const route of plan.routes.slice(0, plan.standing)) add(route);
  for (const event of plan.events) router.dispatch(event);
  return log;
}

interface NaiveRoute extends RoutePlan {
  readonly name: string;
  closed: boolean;
  runs: number;
  passed: number;
  /** The event that goes through its operator. */
  current: Envelope | null;
  connected: boolean;
}

/** What has to happen: the routes are a list, the events a queue, and every test is asked. */
export function expectedOf(plan: Plan): readonly string[] {
  const log: string[] = [];
  const routes: NaiveRoute[] = [];
  const queue: Envelope[] = [];
  let left = budget;
  const dispatch = (event: Envelope) => {
    if (left-- > 0) queue.push(event);
  };

  function add(route: RoutePlan): void {
    const name = `#${routes.length}`;
    const state = { closed: false, runs: 0, passed: 0, current: null, connected: false };
    routes.push({ ...route, name, ...state });
  }

  function fail(route: NaiveRoute | 'unhandled$', kind: string, event: Envelope | null): void {
    const name = typeof route === 'string' ? route : route.name;
    log.push(`${name} failed: ${kind}, ${event?.type} ${event?.payload as number}`);
    if (name !== 'unhandled$') dispatch(plan.onError);
  }

  function remove(route: NaiveRoute): void {
    if (route.closed) return;
    route.closed = true;
    if (route.operator === 'badEnd' && route.connected) fail(route, 'pipeline', route.current);
  }

  function act(route: NaiveRoute, event: Envelope): void {
    if (route.closed) return;
    if (route.key === 'throws') {
      fail(route, 'handler', event);
      return;
    }
    log.push(`${route.name} sees ${event.type} ${event.payload as number}`);
    const act = route.acts[route.runs++ % route.acts.length]!;
    if (act.kind === 'throws' || act.kind === 'errors') fail(route, 'handler', event);
    if (act.kind === 'dispatches') dispatch(act.event);
    if (act.kind === 'removes') remove(routes[act.at % routes.length]!);
    if (act.kind === 'adds' && left-- > 0) add(plan.routes[act.at % plan.routes.length]!);
  }

  function take(route: NaiveRoute, event: Envelope): boolean {
    try {
      if (!route.matchers.every((matcher) => matcher.test(event))) return false;
    } catch {
      fail(route, 'matcher', event);
      return false;
    }
    const number = event.payload as number;
    route.current = event;
    route.connected = true;
    let passes = route.operator === 'mute' ? 0 : route.operator === 'twice' ? 2 : 1;
    if (route.operator === 'neverBegins' || (route.operator === 'dies' && number % 3 === 1)) {
      fail(route, 'pipeline', event);
      passes = 0;
    }
    for (let pass = 0; pass < passes; pass++) act(route, event);
    if (route.operator === 'take2' && ++route.passed === 2) remove(route);
    route.current = null;
    return passes > 0;
  }

  for (const route of plan.routes.slice(0, plan.standing)) add(route);
  for (const event of plan.events) {
    queue.push(event);
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      let wanted = false;
      for (const route of [...routes]) if (!route.closed && take(route, next)) wanted = true;
      if (wanted) continue;
      log.push(`unhandled ${next.type} ${next.payload as number}`);
      fail('unhandled$', 'handler', null);
    }
  }
  return log;
}
