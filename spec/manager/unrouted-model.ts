import {
  connectManager,
  forRequest,
  forThread,
  forTurn,
  matching,
  ofAppServer,
  ofAppServerRequest,
  ofPrefix,
  ofType,
  type Matcher,
  type Route,
  type StreamContext,
  type TransportEvents,
  type TransportRequest,
} from 'codex-rx';
import fc from 'fast-check';
import { map, type Observable, type Subscription } from 'rxjs';

/** What reaches whom, of a stream that reads everything and of one that drops what is not routed. */
export interface Heard {
  readonly log: readonly string[];
  readonly ignored: number;
  readonly received: number;
}

const types = [
  'a',
  'ab',
  'approval',
  'error',
  'notification',
  '__proto__',
  'app_server.item.started',
  'app_server.item.completed',
  'app_server.item.agent_message.delta',
  'app_server.turn.completed',
  'app_server.server_request.resolved',
  'app_server.request.item.tool.call',
  // Of the same length as the one above, and of the same place in the table.
  'cew_server.item.started',
] as const;

const threads = [
  't1',
  't2',
  't3',
  't4',
  't5',
  'null',
  'a/b',
  'a"b',
  'a\\b',
  'üabcdefg',
  'L'.repeat(320),
  'abc-alike-alike',
  'aak-alike-alike',
];
const turns = ['u1', 'u2'];

/** What a plan is about: few of everything, so that routes and frames meet. */
interface World {
  readonly anyType: fc.Arbitrary<string>;
  readonly anyThread: fc.Arbitrary<string>;
}

const matcherIn = ({ anyType, anyThread }: World): fc.Arbitrary<Matcher> =>
  fc.oneof(
    { weight: 12, arbitrary: anyType.map((type): Matcher => ofType(type)) },
    {
      weight: 16,
      arbitrary: fc
        .array(anyThread, { minLength: 1, maxLength: 2 })
        .map((ids): Matcher => forThread(...(ids as [string]))),
    },
    {
      weight: 4,
      arbitrary: fc
        .constantFrom('a', 'app_server.item.')
        .map((prefix): Matcher => ofPrefix(prefix)),
    },
    { weight: 4, arbitrary: fc.constantFrom(...turns).map((id): Matcher => forTurn(id)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Matcher>(
        forRequest(0),
        ofAppServerRequest(),
        ofAppServer('item/started', 'item/completed'),
        ofPrefix(''),
        matching(({ threadId }) => threadId === 't1'),
      ),
    },
  );

type Act =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'add' | 'remove'; readonly at: number }
  | { readonly kind: 'deliver'; readonly frame: string };

interface RoutePlan {
  readonly matchers: readonly Matcher[];
  readonly isOperated: boolean;
  readonly acts: readonly Act[];
}

type Step =
  | { readonly kind: 'add' | 'remove' | 'listen' | 'leave' | 'unhandled'; readonly at: number }
  | { readonly kind: 'dispatch'; readonly frame: string }
  | { readonly kind: 'frames'; readonly frames: readonly string[] };

export interface Plan {
  readonly routes: readonly RoutePlan[];
  readonly steps: readonly Step[];
  readonly asBytes: boolean;
}

interface Facts {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload: object | null;
}

/** What is in payloads: ids where they hide, and what requests read. */
const payloadIn = ({ anyThread }: World) =>
  fc
    .record({
      kind: fc.nat(7),
      threadId: anyThread,
      turnId: fc.constantFrom(...turns),
      isFile: fc.boolean(),
    })
    .map(({ kind, threadId, turnId, isFile }): object | null => {
      const item = isFile ? fileChange : toolCall;
      return [
        null,
        { threadId },
        { params: { threadId, turnId } },
        { params: { turnId } },
        { context: { threadId, turnId } },
        { params: { item, turnId } },
        { params: { turn: { id: turnId, status: 'completed' } } },
        { requestId: 0, params: { turnId } },
      ][kind] as object | null;
    });

const changes = [{ path: '/etc/hosts', kind: { type: 'update' }, diff: '+1' }];
const fileChange = { id: 'i1', type: 'fileChange', changes };
const toolCall = { id: 'i1', type: 'dynamicToolCall', status: 'completed', contentItems: [] };

const asked = (method: string, turnId: string, params: object): object => ({
  source: 'app_server',
  signalType: 'request',
  method,
  requestId: 0,
  params: { threadId: 't1', turnId, ...params },
});

/** Requests with what comes before and after them. */
const scenes: readonly (readonly Omit<Facts, 'threadId'>[])[] = [
  [
    { type: 'app_server.item.started', payload: { params: { item: fileChange, turnId: 'u1' } } },
    {
      type: 'app_server.request.item.file_change.request_approval',
      payload: asked('item/fileChange/requestApproval', 'u1', { itemId: 'i1' }),
    },
  ],
  [
    { type: 'app_server.item.started', payload: { params: { itemId: 'i1', changes } } },
    {
      type: 'app_server.request.item.file_change.request_approval',
      payload: asked('item/fileChange/requestApproval', 'u1', { itemId: 'i1' }),
    },
    {
      type: 'app_server.turn.completed',
      payload: { params: { turn: { id: 'u1', status: 'completed' } } },
    },
  ],
  [
    {
      type: 'app_server.request.item.tool.call',
      payload: asked('item/tool/call', 'u2', { callId: 'i1', tool: 'x', arguments: {} }),
    },
    { type: 'app_server.item.completed', payload: { params: { item: toolCall, turnId: 'u2' } } },
  ],
  [
    {
      type: 'app_server.request.item.tool.call',
      payload: asked('item/tool/call', 'u2', { callId: 'i1', tool: 'x', arguments: {} }),
    },
    { type: 'app_server.server_request.resolved', payload: { params: { requestId: 0 } } },
  ],
];

/** The first character of a text, written as JSON may but need not write it. */
const escaped = (text: string): string =>
  `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}${text.slice(1)}`;

/** The same frame as different servers may write it. */
const spellings: readonly ((facts: Facts) => string)[] = [
  (facts) => JSON.stringify(facts),
  (facts) => JSON.stringify({ ...facts, more: ['"type":"a"', 't1'] }),
  ({ type, threadId, payload }) => JSON.stringify({ payload, threadId, type }),
  (facts) => JSON.stringify(facts, null, 1),
  (facts) => JSON.stringify(facts).replace(facts.type, escaped(facts.type)),
  (facts) =>
    facts.threadId === null || facts.threadId.includes('"') || facts.threadId.includes('\\')
      ? JSON.stringify(facts)
      : JSON.stringify(facts).replace(`"${facts.threadId}"`, `"${escaped(facts.threadId)}"`),
  ({ type, payload }) => JSON.stringify({ type, payload }),
  ({ type, threadId, payload }) => JSON.stringify({ type, thread_id: threadId, payload }),
  ({ type, threadId, payload }) =>
    JSON.stringify({ type, threadId: null, payload, thread_id: threadId }),
  ({ type, payload }) =>
    JSON.stringify({ type, threadId: null, payload }).replaceAll('"t1"', `"${escaped('t1')}"`),
  ({ type, payload }) =>
    JSON.stringify({ type, threadId: null, payload }).replaceAll('a/b', 'a\\/b'),
  ({ type, threadId, payload }) =>
    JSON.stringify({ type, threadId, payload }).replaceAll('"fileChange"', '"\\u0066ileChange"'),
];

/** Most frames are written as codex-manager does. */
const anySpelling = fc.oneof(fc.constant(0), fc.nat(spellings.length - 1));

const written = (facts: Facts, spelling: number): string =>
  (spellings[spelling] as (facts: Facts) => string)(facts);

const frameIn = (world: World) =>
  fc
    .record({
      type: world.anyType,
      threadId: fc.option(world.anyThread),
      payload: payloadIn(world),
      spelling: anySpelling,
    })
    .map(({ spelling, ...facts }) => written(facts, spelling));

/** Control frames, which change what handlers are told of the connection. */
const anyControl = fc
  .constantFrom(null, 't1')
  .map((threadId) => [JSON.stringify({ type: 'ready', threadId })]);

const sceneIn = ({ anyThread }: World) =>
  fc
    .record({
      scene: fc.constantFrom(...scenes),
      threadId: fc.oneof(fc.constant('t1'), fc.option(anyThread)),
      spelling: anySpelling,
    })
    .map(({ scene, threadId, spelling }) =>
      scene.map((facts) =>
        written({ type: facts.type, threadId, payload: facts.payload }, spelling),
      ),
    );

const anyIndex = fc.nat(9);

const routeIn = (world: World): fc.Arbitrary<RoutePlan> =>
  fc.record({
    matchers: fc.array(matcherIn(world), { minLength: 1, maxLength: 3 }),
    isOperated: fc.boolean(),
    acts: fc.array(
      fc.oneof(
        fc.constant<Act>({ kind: 'nothing' }),
        fc.record({ kind: fc.constantFrom('add', 'remove'), at: anyIndex }) as fc.Arbitrary<Act>,
        fc.record({ kind: fc.constant('deliver'), frame: frameIn(world) }) as fc.Arbitrary<Act>,
      ),
      { minLength: 1, maxLength: 3 },
    ),
  });

const stepIn = (world: World): fc.Arbitrary<Step> => {
  const at = (...kinds: readonly string[]) =>
    fc.record({ kind: fc.constantFrom(...kinds), at: anyIndex }) as fc.Arbitrary<Step>;
  const frames = (arbitrary: fc.Arbitrary<readonly string[]>) =>
    fc.record({ kind: fc.constant('frames'), frames: arbitrary }) as fc.Arbitrary<Step>;
  return fc.oneof(
    { weight: 16, arbitrary: at('add', 'remove') },
    { weight: 4, arbitrary: at('listen', 'leave', 'leave') },
    { weight: 1, arbitrary: at('unhandled') },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('dispatch'),
        frame: frameIn(world),
      }),
    },
    { weight: 24, arbitrary: frames(fc.array(frameIn(world), { minLength: 1, maxLength: 6 })) },
    { weight: 8, arbitrary: frames(sceneIn(world)) },
    { weight: 2, arbitrary: frames(anyControl) },
  );
};

const anyWorld: fc.Arbitrary<World> = fc
  .record({
    types: fc.subarray([...types], { minLength: 2, maxLength: 6 }),
    threads: fc.subarray(threads, { minLength: 1, maxLength: 6 }),
  })
  .map(({ types, threads }) => ({
    anyType: fc.constantFrom(...types),
    anyThread: fc.constantFrom(...threads),
  }));

export const anyPlan: fc.Arbitrary<Plan> = anyWorld.chain((world) =>
  fc.record({
    routes: fc.array(routeIn(world), { minLength: 1, maxLength: 6 }),
    steps: fc.array(stepIn(world), { minLength: 1, maxLength: 25 }),
    asBytes: fc.boolean(),
  }),
);

const plan = (
  routes: readonly (readonly [Matcher, Act?])[],
  steps: readonly Step[],
  asBytes = true,
): Plan => ({
  routes: routes.map(([matcher, act = { kind: 'nothing' }]) => ({
    matchers: [matcher],
    isOperated: false,
    acts: [act],
  })),
  steps,
  asBytes,
});

const frames = (...frames: readonly string[]): Step => ({ kind: 'frames', frames });
const add = (at: number): Step => ({ kind: 'add', at });
const listen = (at: number): Step => ({ kind: 'listen', at });

const [a, ab] = ['a', 'ab'].map((type) => `{"type":"${type}","threadId":null,"payload":null}`) as [
  string,
  string,
];
const ofThread = (json: string) => `{"type":"a","threadId":${json},"payload":null}`;
const hidden = (json: string) => `{"type":"a","threadId":null,"payload":{"threadId":${json}}}`;

/** One delivers a frame for a route that the next one of the same event adds. */
const busy: readonly (readonly [Matcher, Act?])[] = [
  [ofType('a'), { kind: 'deliver', frame: ab }],
  [ofType('a'), { kind: 'add', at: 2 }],
  [ofType('ab')],
];
const [first, second] = [forThread('t1'), forThread('t2')].map((matcher) => [matcher] as const) as [
  readonly [Matcher],
  readonly [Matcher],
];

/** What random plans seldom hit. */
export const examples: [Plan][] = [
  [plan(busy, [add(0), add(1), frames(a)])],
  [plan(busy, [add(0), add(1), { kind: 'dispatch', frame: a }], false)],
  [plan(busy, [listen(0), listen(1), frames(a)])],
  // A thread, and an id in a payload, that are asked for later.
  [plan([first, second], [add(0), frames(ofThread('"t2"')), add(1), frames(ofThread('"t2"'))])],
  [plan([first, second], [add(0), frames(hidden('"t2"')), add(1), frames(hidden('"t2"'))])],
  [plan([first], [add(0), frames(hidden('"\\u00741"'))])],
  [plan([[forThread('a/b')]], [add(0), frames(hidden('"a\\/b"'))])],
];

/** How often handlers may add routes and deliver frames: they may lead to one another. */
const budget = 30;

/** Carries out a plan on a stream. */
export function heardBy({ routes, steps, asBytes }: Plan, ignore: [] | 'unrouted'): Heard {
  const log: string[] = [];
  let left = budget;
  let deliver: (text: string) => void = () => undefined;
  let events: TransportEvents;
  const stream = connectManager({
    url: 'http://127.0.0.1:1',
    ignore,
    log: false,
    heartbeat: false,
    transport(request: TransportRequest, given) {
      events = given;
      const { test, testBytes } = request.ignore ?? { test: () => false };
      deliver = (text) => {
        const bytes = Buffer.from(text);
        const isIgnored = asBytes && testBytes ? testBytes(bytes) : test(text);
        if (isIgnored) given.ignored(bytes.length, 1);
        else given.text(text, bytes.length, 1);
      };
      return { send: () => undefined, close: (closed) => closed(), abandon: () => undefined };
    },
  });
  const added: Route[] = [];
  const listeners: Subscription[] = [];
  let unhandled: Subscription | null = null;
  const say = (who: string, what: unknown) => log.push(`${who} ${JSON.stringify(what)}`);

  /** Does in its 1st, 2nd, … call what is planned, and then begins anew. */
  function actor(acts: readonly Act[]): () => void {
    let runs = 0;
    return () => {
      const act = acts[runs++ % acts.length] as Act;
      if (act.kind === 'nothing' || left-- <= 0) return;
      if (act.kind === 'add') add(routes[act.at % routes.length] as RoutePlan);
      else if (act.kind === 'deliver') deliver(act.frame);
      else added[act.at % added.length]?.unsubscribe();
    };
  }

  function add({ matchers, isOperated, acts }: RoutePlan): void {
    const name = `#${added.length}`;
    const act = actor(acts);
    const on = stream.on as (...given: unknown[]) => Route;
    const steps = isOperated ? [...matchers, map((event) => event)] : matchers;
    const handler = (event: unknown, { threadId, reconnects }: StreamContext): void => {
      say(name, [event, threadId, reconnects]);
      act();
    };
    added.push(on(...steps, handler, { name }));
  }

  function listen({ matchers, acts }: RoutePlan): void {
    const name = `events$ ${listeners.length}`;
    const act = actor(acts);
    const pipe = stream.events$.pipe.bind(stream.events$) as (
      ...steps: readonly Matcher[]
    ) => Observable<unknown>;
    listeners.push(
      pipe(...matchers).subscribe((event) => {
        say(name, event);
        act();
      }),
    );
  }

  stream.requests.opened$.subscribe((request) => {
    say('opened', [request.event, 'changes' in request && request.changes]);
  });
  stream.requests.settled$.subscribe(({ request, outcome, cause }) => {
    say('settled', [request.requestId, request.threadId, outcome, cause]);
  });
  void stream.connect();
  events!.opened();
  deliver('{"type":"ready","threadId":null}');

  for (const step of steps) {
    switch (step.kind) {
      case 'add':
        add(routes[step.at % routes.length] as RoutePlan);
        break;
      case 'remove':
        added[step.at % Math.max(added.length, 1)]?.unsubscribe();
        break;
      case 'listen':
        listen(routes[step.at % routes.length] as RoutePlan);
        break;
      case 'leave':
        listeners[step.at % Math.max(listeners.length, 1)]?.unsubscribe();
        break;
      case 'unhandled':
        if (unhandled === null || unhandled.closed) {
          const { unhandled$ } = stream.router as unknown as { unhandled$: Observable<unknown> };
          unhandled = unhandled$.subscribe((event) => say('unhandled', event));
        } else unhandled.unsubscribe();
        break;
      case 'dispatch': {
        const { type, threadId } = JSON.parse(step.frame) as Partial<Facts> & Pick<Facts, 'type'>;
        const ids = { threadId: threadId ?? null, turnId: null, requestId: null };
        stream.router.dispatch({ type, ...ids, payload: null });
        break;
      }
      case 'frames':
        step.frames.forEach((frame) => deliver(frame));
    }
  }
  const { received, ignored, parsed, malformed } = stream.metrics();
  say('counted', received === parsed + ignored + malformed);
  void stream.close();
  return { log, ignored, received };
}

/**
 * The first plan of a seed that a stream with `ignore: 'unrouted'` carries out otherwise than one
 * that reads everything; `null` if there is none.
 */
export function firstDifference(seed: number, numRuns: number): string | null {
  const result = fc.check(
    fc.property(anyPlan, (plan) => {
      const [all, some] = [heardBy(plan, []), heardBy(plan, 'unrouted')];
      return JSON.stringify(all.log) === JSON.stringify(some.log);
    }),
    { seed, numRuns, examples, endOnFailure: true },
  );
  return result.failed ? JSON.stringify(result.counterexample) : null;
}
