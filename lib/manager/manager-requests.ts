import {
  filter,
  map,
  mergeMap,
  of,
  Subject,
  switchMap,
  take,
  takeUntil,
  type Observable,
} from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import {
  createConcern,
  createRequests,
  identityOf,
  type ServerRequest,
  type ServerRequests,
} from '../requests/index.js';
import type { EventStream, Recovery } from '../stream/index.js';
import { pendingRequests } from './pending-requests.js';
import { eventTypes, isAsked, isResolved, managerMethod } from './methods.js';
import { createProof } from './proof.js';
import { asRequest, evidenceOf } from './request-events.js';
import { requestPort } from './request-port.js';
import type { Rest } from './rest.js';
import type { Need } from './unrouted-frames.js';

/** The requests that come through a codex-manager. */
export interface ManagerRequests {
  readonly requests: ServerRequests;
  /** Learns from an event. */
  observe(event: Envelope): void;
  /** Which frames of a type it learns from. */
  needOf(type: string): Need;
  /** The server has answered a ping. */
  readonly ponged: () => void;
  /** Asks what is pending in these threads and in those whose requests are open, and believes it. */
  resync(threads: Iterable<string>): Observable<Recovery>;
  /**
   * Follows the stream: asks what is pending when it is there for the first time, learns what its
   * resync has found, and ends with it.
   *
   * @param threadId The thread that it is filtered to; `null`: nothing is asked.
   */
  follow(stream: EventStream, threadId: () => string | null): void;
}

/** @param ping Sends a ping on the websocket: whether there is a connection. */
export function createManagerRequests(
  rest: Rest | null,
  random: () => number,
  ping: () => boolean,
  overdueAfter?: number,
): ManagerRequests {
  /** The connection that there is, and its revision when it was opened. */
  let connection: { readonly since: number } | null = null;
  const opened = new Subject<void>();
  const closed = new Subject<void>();
  const proof = createProof(ping);
  /** When codex-manager says that it was asked, by the identity of the request. */
  const created = createBoundedMap<string, string>(1_000);
  const registry = createRequests(
    {
      ...requestPort(rest, random, {
        connection: () => connection,
        opened$: opened,
        prove(request, isRetry) {
          const isAnnounced = !isRetry && registry.seen(request) > (connection?.since ?? Infinity);
          return (isAnnounced ? proof.answered$ : of(false)).pipe(
            switchMap((isProven) => (isProven ? of(true) : isListed(request))),
          );
        },
      }),
      ...(rest && {
        refresh: (threads) =>
          ask(threads).pipe(
            map(({ complete }) => complete),
            takeUntil(closed),
          ),
      }),
    },
    overdueAfter,
  );

  /** Whether the server lists a request as pending: the same one, asked at the same time. */
  const isListed = ({ threadId, event }: ServerRequest): Observable<boolean> =>
    ask([threadId ?? ''], 1).pipe(
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

  const ask = (threads: Iterable<string>, attempts?: number): Observable<Recovery> =>
    pendingRequests(rest as Rest, threads, {
      random,
      attempts,
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

  const concerns = createConcern(own);

  return {
    requests: registry.requests,
    ponged: proof.ponged,
    resync: (threads) => ask(new Set([...threads, ...registry.threads()])),
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
    observe(event) {
      const { type, threadId, requestId } = event;
      if (!concerns(type)) return;
      registry.observe(event);
      if (isAsked(type)) {
        noteCreated(event);
        for (const request of requestsOf([event])) registry.open(request);
      } else if (isResolved(type)) registry.resolved(requestId, threadId, evidenceOf(event));
      else if (type === 'session_deleted') registry.threadEnded(threadId);
      // codex-manager has answered it with an error already.
      else if (type === 'server_request') requestsOf([event]).forEach(registry.refused);
    },
    follow(stream, threadId) {
      const away$ = stream.status$.pipe(filter(({ state }) => state === 'waiting'));
      stream.status$
        .pipe(
          filter((status) => status.state === 'open' && status.phase === 'ready'),
          take(1),
          map(threadId),
          filter((thread) => rest !== null && thread !== null),
          switchMap((thread) => ask([thread as string])),
          takeUntil(away$),
        )
        .subscribe();
      stream.gaps$
        .pipe(
          mergeMap(({ recovery$ }) => {
            registry.interrupted();
            const revision = registry.revision();
            // No list tells of what codex-manager has refused itself.
            if (rest !== null) registry.dropUnseen(revision, ({ answerable }) => !answerable);
            return recovery$.pipe(map((recovery) => ({ revision, ...recovery })));
          }),
        )
        .subscribe(({ revision, recovered, restarted }) => {
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
