import { filter, map, mergeMap, Subject, switchMap, take, takeUntil, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { createConcern, createRequests, type ServerRequests } from '../requests/index.js';
import type { EventStream, Recovery } from '../stream/index.js';
import { pendingRequests } from './pending-requests.js';
import { asRequest, evidenceOf, kindsOf } from './request-events.js';
import { requestPort } from './request-port.js';
import type { Rest } from './rest.js';

/** The requests that come through a codex-manager. */
export interface ManagerRequests {
  readonly requests: ServerRequests;
  /** Learns from an event. */
  see(event: Envelope): void;
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

export function createManagerRequests(rest: Rest | null, random: () => number): ManagerRequests {
  /** The connection that there is, and when it was opened, as a mark. */
  let connection: { readonly since: number } | null = null;
  const closed = new Subject<void>();
  const registry = createRequests({
    ...requestPort(rest, random, {
      isSure: (request) => registry.seen(request) > (connection?.since ?? Infinity),
      check(request) {
        const mark = registry.mark();
        return ask([request.threadId ?? ''], 1).pipe(
          map(({ complete, error }) => {
            const isPending = registry.seen(request) > mark;
            if (!isPending && !complete) throw error as Error;
            return isPending;
          }),
        );
      },
    }),
    ...(rest && {
      recover: (threads) =>
        ask(threads).pipe(
          map(({ complete }) => complete),
          takeUntil(closed),
        ),
    }),
  });

  const ask = (threads: Iterable<string>, attempts?: number): Observable<Recovery> =>
    pendingRequests(rest as Rest, threads, {
      random,
      attempts,
      asking() {
        const mark = registry.mark();
        const before = connection;
        return (threadId, type, events) => {
          // Perhaps of a server that there is no more.
          if (connection !== before) throw new Error('The connection was lost meanwhile.');
          registry.listed(mark, requestsOf(events), (request) => {
            const { kind, answerable } = request;
            return answerable && request.threadId === threadId && !!kindsOf[type]?.includes(kind);
          });
        };
      },
    });

  const concerns = createConcern(own);

  return {
    requests: registry.requests,
    resync: (threads) => ask(new Set([...threads, ...registry.threads()])),
    see(event) {
      const { type, threadId, requestId } = event;
      if (!concerns(type)) return;
      registry.see(event);
      switch (type) {
        case 'approval':
        case 'tool_call_requested':
        case 'tool_user_input_requested':
          for (const request of requestsOf([event])) registry.open(request);
          break;
        case 'approval_resolved':
        case 'tool_call_resolved':
        case 'tool_user_input_resolved':
          registry.resolved(requestId, threadId, evidenceOf(event));
          break;
        case 'server_request':
          // codex-manager has answered it with an error already.
          for (const request of requestsOf([event])) registry.refused(request);
          break;
        case 'session_deleted':
          registry.threadEnded(threadId);
      }
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
            const mark = registry.mark();
            // No list tells of what codex-manager has refused itself.
            if (rest !== null) registry.missed(mark, ({ answerable }) => !answerable);
            return recovery$.pipe(map((recovery) => ({ mark, ...recovery })));
          }),
        )
        .subscribe(({ mark, recovered, restarted }) => {
          if (restarted === true) registry.restarted(mark);
          registry.listed(mark, requestsOf(recovered), () => false);
        });
      stream.status$.subscribe({
        next({ state }) {
          if (state !== 'open') connection = null;
          else connection ??= { since: registry.mark() };
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
const own = [
  'approval',
  'tool_call_requested',
  'tool_user_input_requested',
  'approval_resolved',
  'tool_call_resolved',
  'tool_user_input_resolved',
  'server_request',
  'session_deleted',
];

/** The events of requests among these, each as every app-server would tell it. */
const requestsOf = (events: readonly Envelope[]): readonly Envelope[] =>
  events.flatMap((event) => {
    if (!Object.hasOwn(kindsOf, event.type) && event.type !== 'server_request') {
      return event.type.startsWith('app_server.request.') ? [event] : [];
    }
    return asRequest(event) ?? [];
  });
