import {
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  of,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  type Observable,
} from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import {
  createConcern,
  createRequests,
  identityOf,
  type Recovery,
  type ServerRequest,
  type ServerRequests,
} from '../requests/index.js';
import type { EventStream } from '../stream/index.js';
import { writeLog } from '../text/index.js';
import { gatewayRequests } from './gateway-requests.js';
import type { ManagerSettings } from './manager-options.js';
import { pendingRequests, type Questions } from './pending-requests.js';
import {
  eventTypes,
  isAsked,
  isResolved,
  lists as allLists,
  listsOf,
  managerMethod,
} from './methods.js';
import { createProof } from './proof.js';
import { asRequest, evidenceOf } from './request-events.js';
import { requestPort } from './request-port.js';
import type { Rest } from './rest.js';
import type { Need } from './unrouted-frames.js';

/** The requests that come through a codex-manager. */
export interface ManagerRequests {
  readonly requests: ServerRequests;
  /** Learns from an event, and the key that a gateway gives to its request. */
  observe(event: Envelope, key?: string): void;
  /** Which frames of a type it learns from. */
  needOf(type: string): Need;
  /** The server has answered a ping. */
  readonly ponged: () => void;
  /** All kinds are observed from now on. */
  wanted(): void;
  /** Asks what is pending after a reconnection, and believes it. */
  readonly resync: () => Observable<Recovery>;
  /**
   * Follows the stream: asks what is pending when it is there for the first time, learns what its
   * resync has found, and ends with it.
   */
  follow(stream: EventStream): void;
}

export interface ManagerRequestSettings extends Pick<
  ManagerSettings,
  'rest' | 'random' | 'log' | 'overdueAfter' | 'recoverSessions' | 'position'
> {
  /** The thread that the stream is filtered to. */
  readonly threadId: () => string | null;
  /** Sends a ping on the websocket: whether there is a connection. */
  readonly ping: () => boolean;
  /** Whether the server is asked what was pending before the first connection. */
  readonly recovers: boolean;
}

export function createManagerRequests(settings: ManagerRequestSettings): ManagerRequests {
  const { rest, random, log, recoverSessions, position, threadId } = settings;
  /** The connection that there is, and its revision when it was opened. */
  let connection: { readonly since: number } | null = null;
  const opened = new Subject<void>();
  const closed = new Subject<void>();
  const proof = createProof(settings.ping);
  /** When codex-manager says that it was asked, by the identity of the request. */
  const created = createBoundedMap<string, string>(1_000);
  /** The keys that a gateway gives, by the events of the requests. */
  const keys = new WeakMap<Envelope, string>();
  const keyOf = (event: Envelope) => keys.get(event);
  /** The lists that are served or observed, and those that this connection was asked for. */
  const wanted = new Set<string>();
  const asked = new Set<string>();
  const wants = new Subject<void>();
  let recovery: Recovery | null = null;
  let lastReport = '';
  const registry = createRequests(
    {
      keyOf,
      ...requestPort(rest, random, {
        keyOf,
        mayAnswer: () => position.gateway?.answers !== false,
        connection: () => connection,
        opened$: opened,
        prove(request, isRetry) {
          // A gateway never gives a key to another request.
          if (keyOf(request.event)) return of(true);
          const isAnnounced = !isRetry && registry.seen(request) > (connection?.since ?? Infinity);
          return (isAnnounced ? proof.answered$ : of(false)).pipe(
            switchMap((isProven) => (isProven ? of(true) : isListed(request))),
          );
        },
      }),
      ...(rest && {
        refresh: (threads) =>
          ask({ threads }).pipe(
            map(({ complete }) => complete),
            takeUntil(closed),
          ),
      }),
      wanted: want,
      recovery: () => recovery,
    },
    settings.overdueAfter,
    log,
  );

  function want(isWanted: (method: string) => boolean): void {
    for (const list of listsOf(isWanted)) wanted.add(list);
    wants.next();
  }

  /** Whether the server lists a request as pending: the same one, asked at the same time. */
  const isListed = ({ threadId, event, method }: ServerRequest): Observable<boolean> =>
    ask({
      threads: [threadId ?? ''],
      ofThreads: listsOf((other) => other === method),
      attempts: 1,
    }).pipe(
      map(({ recovered, complete, error }) => {
        const identity = identityOf(event);
        const isPending = requestsOf(recovered).some((listed) => identityOf(listed) === identity);
        if (!isPending && !complete) throw error as Error;
        return isPending;
      }),
    );

  /** A request with the ids of a known one that was asked at another time is another request. */
  function noteCreated(event: Envelope): void {
    const { createdAt } = Object(event.payload) as { readonly createdAt?: unknown };
    if (typeof createdAt !== 'string') return;
    for (const request of requestsOf([event])) {
      const identity = identityOf(request);
      const before = created.get(identity);
      created.set(identity, createdAt);
      if (before !== undefined && before !== createdAt) registry.replaced(request);
    }
  }

  /** Asks for the list of a gateway, and believes it. */
  const askGateway = (threadId: string | null): Observable<Recovery> =>
    gatewayRequests(rest as Rest, threadId, random, () => {
      const revision = registry.revision();
      const before = connection;
      return (listed) => {
        if (connection !== before) throw new Error('The connection was lost meanwhile.');
        for (const { key, event } of listed) keys.set(event, key);
        const events = listed.map(({ event }) => event);
        registry.reconcile(
          revision,
          events,
          (request) => threadId === null || request.threadId === threadId,
        );
      };
    });

  const ask = (questions: Omit<Questions, 'random' | 'asking'>): Observable<Recovery> =>
    pendingRequests(rest as Rest, {
      ...questions,
      random,
      asking() {
        const revision = registry.revision();
        const before = connection;
        return (threadId, type, events) => {
          // Perhaps of a server that there is no more.
          if (connection !== before) throw new Error('The connection was lost meanwhile.');
          events.forEach(noteCreated);
          registry.reconcile(revision, requestsOf(events), ({ method, answerable, ...request }) => {
            const isOfList = managerMethod(method)?.events[0] === type;
            return answerable && request.threadId === threadId && isOfList;
          });
        };
      },
    });

  /** The lists that are worth asking for, and were not on this connection. */
  const unasked = () =>
    [...(threadId() === null ? wanted : allLists.keys())].filter((list) => !asked.has(list));

  function recover(): Observable<Recovery> {
    const thread = threadId();
    const lists = unasked();
    for (const list of position.gateway ? allLists.keys() : lists) asked.add(list);
    if (position.gateway) return askGateway(thread);
    const threads = new Set([...(thread === null ? [] : [thread]), ...registry.threads()]);
    return ask({ threads, ...(thread === null && { lists, sessions: recoverSessions }) }).pipe(
      tap(({ complete, error, skipped }) => {
        const why = error?.message ?? `${skipped} sessions were not asked, see "recoverSessions".`;
        const report = complete ? '' : `Requests may be pending that are not known: ${why}`;
        if (!complete && report !== lastReport) writeLog(log, report);
        lastReport = report;
      }),
    );
  }

  const concerns = createConcern(own);

  return {
    requests: registry.requests,
    ponged: proof.ponged,
    wanted() {
      want(() => true);
    },
    resync: recover,
    needOf(type) {
      switch (type) {
        // The changes that an approval asks about. An item is a file change without saying so if
        // there is nothing but its id.
        case 'app_server.item.started':
          return (mayContain) => ['"fileChange"', '"itemId"', '\\u'].some(mayContain);
        // The end of a tool call. Nothing is remembered of an item that is of no open one.
        case 'app_server.item.completed':
          return () => registry.isOpen('dynamicToolCall');
        default:
          return concerns(type);
      }
    },
    observe(event, key) {
      const { type, threadId, requestId } = event;
      if (!concerns(type)) return;
      if (key !== undefined) keys.set(event, key);
      registry.observe(event);
      if (isAsked(type)) {
        noteCreated(event);
        for (const request of requestsOf([event])) registry.open(request);
      } else if (isResolved(type)) registry.resolved(requestId, threadId, evidenceOf(event));
      else if (type === 'session_deleted') registry.threadEnded(threadId);
      // codex-manager has answered it with an error already.
      else if (type === 'server_request') requestsOf([event]).forEach(registry.refused);
    },
    follow(stream) {
      const away$ = stream.status$.pipe(filter(({ state }) => state === 'waiting'));
      let isReady = false;
      const ready$ = stream.status$.pipe(
        map((status) => (isReady = status.state === 'open' && status.phase === 'ready')),
        filter(Boolean),
        take(1),
      );
      const isNew = () => isReady && unasked().length > 0;
      merge(ready$, wants.pipe(filter(isNew)))
        .pipe(
          filter(() => rest !== null && settings.recovers),
          mergeMap(() => recover().pipe(takeUntil(merge(away$, closed)))),
        )
        .subscribe((found) => (recovery = found));
      stream.gaps$
        .pipe(
          mergeMap(({ recovery$, replay }) => {
            // What ended meanwhile is in the replay.
            if (replay?.complete) return EMPTY;
            registry.interrupted();
            const revision = registry.revision();
            // No list tells of what codex-manager has refused itself.
            if (rest !== null) registry.dropUnseen(revision, ({ answerable }) => !answerable);
            return recovery$.pipe(map((recovery) => ({ revision, ...recovery })));
          }),
        )
        .subscribe(({ revision, ...found }) => {
          const { recovered, restarted } = found;
          // If the first connection was lost before it was known.
          recovery ??= found;
          if (restarted === true) registry.restarted(revision);
          registry.reconcile(revision, requestsOf(recovered), () => false);
        });
      stream.status$.subscribe({
        next({ state }) {
          if (state === 'open') {
            if (connection !== null) return;
            connection = { since: registry.revision() };
            opened.next();
          } else {
            connection = null;
            asked.clear();
            proof.lost();
          }
        },
        complete() {
          closed.next();
          registry.close();
        },
      });
    },
  };
}

/** Types of codex-manager's own that say something of requests. */
const own = [...eventTypes(0), ...eventTypes(1), 'server_request', 'session_deleted'];

/** The events of requests among these, each as every app-server would tell it. */
const requestsOf = (events: readonly Envelope[]): readonly Envelope[] =>
  events.flatMap((event) => {
    if (!isAsked(event.type) && event.type !== 'server_request') {
      return event.type.startsWith('app_server.request.') ? [event] : [];
    }
    return asRequest(event) ?? [];
  });
