import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Observable, Subject } from 'rxjs';
import {
  AnswerError,
  createRequests,
  toolResult,
  type RequestHandler,
  type RequestRegistry,
  type Sent,
  type ServerRequest,
} from '../../lib/requests/index.js';
import { toEnvelope } from '../../lib/envelope/index.js';
import { createPosition } from '../../lib/manager/position.js';
import { createManagerRequests } from '../../lib/manager/manager-requests.js';
import { call, command, itemEnded, resolved, told, turnEnded, portOf } from './stage.js';
import { accept, decline } from '../support/answers.js';

/*
 * A server that keeps its own truth, a network that cuts, repeats and withholds, and a second client.
 * Whatever happens in whatever order: no handler runs twice, no request is answered twice, each has
 * one end, and once everything has been heard, what is pending here is what is pending there.
 */

type Step =
  | { readonly kind: 'open' | 'openTool' | 'cut' | 'back' | 'restart' | 'refresh' | 'turn' }
  | { readonly kind: Picked; readonly pick: number };

type Picked = 'again' | 'elsewhere' | 'reply' | 'loseReply' | 'loseAnswer' | 'handler' | 'human';

const plain = fc.constantFrom<Step['kind']>(
  'open',
  'open',
  'openTool',
  'cut',
  'back',
  'restart',
  'refresh',
  'turn',
);
const picked = fc.constantFrom<Picked>(
  'again',
  'elsewhere',
  'reply',
  'loseReply',
  'loseAnswer',
  'handler',
  'human',
);
const steps = fc.array(
  fc.oneof(
    plain.map((kind) => ({ kind }) as Step),
    fc.record({ kind: picked, pick: fc.nat(20) }) as fc.Arbitrary<Step>,
  ),
  { maxLength: 60 },
);

interface Asked {
  readonly id: number;
  readonly turnId: string;
  readonly isTool: boolean;
}

interface World {
  readonly runs: ReadonlyMap<string, number>;
  /** How many answers the server took, by request. */
  readonly taken: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, number>;
  readonly opened: readonly string[];
  readonly here: readonly string[];
  readonly there: readonly string[];
}

type Make = (port: Parameters<typeof createRequests>[0]) => RequestRegistry;

function play(script: readonly Step[], acknowledged: boolean, make: Make = createRequests): World {
  const runs = new Map<string, number>();
  const taken = new Map<string, number>();
  const ends = new Map<string, number>();
  const opened: string[] = [];
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

  // The server.
  let nextId = 0;
  let turn = 0;
  let isThere = true;
  const open = new Map<number, Asked>();
  const eventOf = ({ id, turnId, isTool }: Asked) =>
    isTool ? call(id, { turnId }) : command(id, { turnId });
  const nameOf = ({ id, turnId }: { readonly id: unknown; readonly turnId: string | null }) =>
    `${String(id)} of ${turnId}`;
  const tell = (event: ReturnType<typeof told>) => {
    if (isThere) registry.observe(event);
  };
  const settle = (asked: Asked) => {
    open.delete(asked.id);
    if (asked.isTool) tell(itemEnded(`call ${asked.id}`));
    else tell(resolved(asked.id));
  };
  const take = (request: ServerRequest): boolean => {
    const asked = open.get(request.requestId as number);
    if (asked?.turnId !== request.turnId) return false;
    count(taken, nameOf(asked));
    settle(asked);
    return true;
  };

  // The way there: replies that wait to be let through.
  const replies: ((isLost: boolean) => void)[] = [];
  let losesNext = false;
  const registry = make(
    portOf(
      (request) =>
        new Observable<Sent>((subscriber) => {
          if (!acknowledged) {
            if (isThere) take(request);
            else unsent.push(request);
            subscriber.next({ status: 'sent' });
            return;
          }
          const isLostOnTheWay = losesNext;
          losesNext = false;
          const isTaken = !isLostOnTheWay && take(request);
          replies.push((isLost) => {
            if (isLost || isLostOnTheWay) {
              const error = new AnswerError('unreachable', 'cut');
              subscriber.next({ status: 'failed', error, uncertain: true });
              return;
            }
            subscriber.next(
              isTaken ? { status: 'answered' } : { status: 'gone', uncertain: false },
            );
          });
        }),
    ),
  );
  /** What the source keeps until the request is sent again. */
  const unsent: ServerRequest[] = [];

  const { requests } = registry;
  requests.opened$.subscribe(({ requestId, turnId }) =>
    opened.push(nameOf({ id: requestId, turnId })),
  );
  requests.settled$.subscribe(({ request: { requestId, turnId } }) =>
    count(ends, nameOf({ id: requestId, turnId })),
  );
  requests.errors$.subscribe(() => undefined);
  const answers: (() => void)[] = [];
  const fitting = ({ kind }: ServerRequest) =>
    kind === 'dynamicToolCall' ? toolResult('x') : decline();
  const handler: RequestHandler = (request) => {
    const { requestId, turnId } = request;
    count(runs, nameOf({ id: requestId, turnId }));
    const answer = new Subject<ReturnType<typeof fitting>>();
    answers.push(() => {
      answer.next(fitting(request));
    });
    return answer;
  };
  requests.serve(({ kind }) => kind === 'commandExecution', handler);
  requests.serve(() => true, handler);

  const list = (restarted = false) => {
    const revision = registry.revision();
    if (restarted) registry.restarted(revision);
    registry.reconcile(revision, [...open.values()].map(eventOf), () => true);
    for (const request of unsent.splice(0)) take(request);
  };
  const back = () => {
    if (isThere) return;
    isThere = true;
    registry.interrupted();
    list();
  };
  const pickOf = <T>(all: readonly T[], pick: number): T | undefined => all[pick % all.length];

  for (const step of script) {
    switch (step.kind) {
      case 'open':
      case 'openTool': {
        const asked = { id: nextId++, turnId: `u${turn}`, isTool: step.kind === 'openTool' };
        open.set(asked.id, asked);
        tell(eventOf(asked));
        break;
      }
      case 'again': {
        const asked = pickOf([...open.values()], step.pick);
        if (asked) tell(eventOf(asked));
        break;
      }
      case 'elsewhere': {
        const asked = pickOf([...open.values()], step.pick);
        if (asked) settle(asked);
        break;
      }
      case 'turn': {
        const ended = [...open.values()].filter(({ turnId }) => turnId === `u${turn}`);
        tell(turnEnded('interrupted', `u${turn++}`));
        for (const asked of ended) settle(asked);
        break;
      }
      case 'cut':
        isThere = false;
        break;
      case 'back':
        back();
        break;
      case 'restart':
        isThere = false;
        open.clear();
        unsent.length = 0;
        nextId = 0;
        turn++;
        isThere = true;
        registry.interrupted();
        list(true);
        break;
      case 'refresh':
        if (isThere) list();
        break;
      case 'reply':
        replies.splice(step.pick % (replies.length || 1), 1)[0]?.(false);
        break;
      case 'loseReply':
        replies.splice(step.pick % (replies.length || 1), 1)[0]?.(true);
        break;
      case 'loseAnswer':
        losesNext = true;
        break;
      case 'handler':
        pickOf(answers, step.pick)?.();
        break;
      case 'human': {
        const all: ServerRequest[] = [];
        requests.pending$.subscribe((pending) => all.push(...pending)).unsubscribe();
        const request = pickOf(all, step.pick);
        if (request) void requests.answer(request, fitting(request));
      }
    }
  }

  // At rest: everybody has been heard.
  back();
  for (const reply of replies.splice(0)) reply(false);
  list();
  const here: string[] = [];
  requests.pending$
    .subscribe((all) => {
      here.splice(0, here.length, ...all.map((r) => nameOf({ id: r.requestId, turnId: r.turnId })));
    })
    .unsubscribe();
  return { runs, taken, ends, opened, here, there: [...open.values()].map(nameOf) };
}

function check({ runs, taken, ends, opened, here, there }: World): void {
  expect([...runs.values()].filter((times) => times > 1)).toEqual([]);
  expect([...taken.values()].filter((times) => times > 1)).toEqual([]);
  expect(new Set(opened).size).toBe(opened.length);
  expect([...here].sort()).toEqual([...there].sort());
  for (const name of opened)
    expect([name, ends.get(name) ?? 0]).toEqual([name, here.includes(name) ? 0 : 1]);
}

describe('over random faults', () => {
  test.each([
    ['with replies, as codex-manager gives them', true],
    ['without, as app-server does', false],
  ])('requests are handled, answered and settled once each: %s', (_, acknowledged) => {
    fc.assert(
      fc.property(steps, (script) => {
        check(play(script, acknowledged));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each<[string, Make]>([
    [
      'takes every copy for a new request',
      (port) => {
        let copies = 0;
        const registry = createRequests(port);
        return {
          ...registry,
          observe(event) {
            const { payload } = event as ReturnType<typeof command>;
            const isRequest = event.type.startsWith('app_server.request.');
            const params = { ...(payload.params as object), approvalId: `copy ${copies++}` };
            registry.observe(isRequest ? { ...event, payload: { ...payload, params } } : event);
          },
        };
      },
    ],
    [
      'believes nothing that a list leaves out',
      (port) => {
        const registry = createRequests(port);
        return {
          ...registry,
          reconcile: (revision, events) => registry.reconcile(revision, events, () => false),
        };
      },
    ],
    [
      'does not know of restarts',
      (port) => {
        const known = new Map<unknown, string>();
        const registry = createRequests(port);
        // Known by the bare id, as the Python client does.
        const bare = (event: ReturnType<typeof command>) => {
          const turnId = known.get(event.requestId) ?? event.turnId ?? '';
          known.set(event.requestId, turnId);
          const params = { ...(event.payload.params as object), turnId };
          return { ...event, turnId, payload: { ...event.payload, params } };
        };
        return {
          ...registry,
          observe(event) {
            const isRequest = event.type.startsWith('app_server.request.');
            registry.observe(isRequest ? bare(event as ReturnType<typeof command>) : event);
          },
          restarted: () => undefined,
        };
      },
    ],
  ])('a client that %s is caught', (_, make) => {
    const found = fc.check(
      fc.property(steps, (script) => {
        check(play(script, true, make));
      }),
      { numRuns: 1_000 },
    );
    expect(found.failed).toBe(true);
  });

  test('no frame can throw, whatever is in it', () => {
    const types = [
      'approval',
      'approval_resolved',
      'tool_call_requested',
      'tool_call_resolved',
      'tool_user_input_requested',
      'tool_user_input_resolved',
      'server_request',
      'session_deleted',
      'app_server.item.started',
      'app_server.item.completed',
      'app_server.turn.completed',
      'app_server.thread.closed',
      'app_server.server_request.resolved',
      'app_server.request.item.tool.call',
      'app_server.request.apply_patch_approval',
    ];
    const members = ['params', 'details', 'method', 'signalType', 'item', 'turn', 'fileChanges'];
    const ids = ['threadId', 'turnId', 'callId', 'requestId', 'status', 'changes', 'questions'];
    const { value } = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom('request', 'item/tool/call', 'fileChange', 'expired', '0', 0),
      ),
      value: fc.oneof(
        { depthSize: 'small' },
        tie('leaf'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...members, ...ids, 'type', 'path', 'kind'), tie('value')),
      ),
    }));
    const frames = fc.array(
      fc.record({ type: fc.constantFrom(...types), threadId: fc.constant('t'), payload: value }),
    );
    fc.assert(
      fc.property(frames, (all) => {
        const { observe, requests } = createManagerRequests({
          rest: null,
          random: () => 0,
          log: false,
          overdueAfter: 30_000,
          recoverSessions: 200,
          position: createPosition(),
          threadId: () => null,
          ping: () => false,
          recovers: true,
        });
        requests.serve(
          () => true,
          () => undefined,
        );
        for (const frame of all) observe(toEnvelope(frame));
      }),
      { numRuns: 2_000 },
    );
  });

  test('an answer that is refused says that it was', async () => {
    const { requests } = createRequests(portOf(() => new Subject()));
    await expect(requests.answer(command(0) as never, accept())).rejects.toBeInstanceOf(
      AnswerError,
    );
  });
});
