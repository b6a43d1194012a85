import {
  defer,
  EMPTY,
  filter,
  finalize,
  map,
  merge,
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
  ending,
  identityOf,
  type Recovery,
  type ServerRequests,
} from '../requests/index.js';
import type { EventStream } from '../stream/index.js';
import type { ManagerSettings } from './manager-options.js';
import { asked, resolved } from './methods.js';
import { createPendingRecovery, type RecoverySettings } from './pending-recovery.js';
import { createProof } from './proof.js';
import { asRequest, evidenceOf, requestOf } from './request-events.js';
import { requestPort } from './request-port.js';
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

export interface ManagerRequestSettings
  extends RecoverySettings, Pick<ManagerSettings, 'overdueAfter'> {
  /** Sends a ping on the websocket: whether there is a connection. */
  readonly ping: () => boolean;
  /** Whether the server is asked what was pending before the first connection. */
  readonly recovers: boolean;
}

export function createManagerRequests(settings: ManagerRequestSettings): ManagerRequests {
  const { rest, random, log, position } = settings;
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
  /** What was learned of requests that were pending before the first connection. */
  let first: Recovery | null = null;
  /** How many lists are on their way. */
  let lists = 0;
  const noting = <T>(list$: Observable<T>): Observable<T> =>
    defer(() => {
      lists++;
      return list$.pipe(
        finalize(() => {
          lists--;
        }),
      );
    });

  const registry = createRequests(
    {
      keyOf,
      ...requestPort(rest, random, {
        keyOf,
        mayAnswer: () => position.gateway?.answers !== false,
        connection: () => connection,
        opened$: opened,
        answered$: proof.answered$,
        prove(request, isRetry) {
          // A gateway never gives a key to another request.
          if (keyOf(request.event)) return of(true);
          const isAnnounced = !isRetry && registry.seen(request) > (connection?.since ?? Infinity);
          return (isAnnounced ? proof.answered$ : of(false)).pipe(
            switchMap((isProven) => (isProven ? of(true) : recovery.isListed(request))),
          );
        },
      }),
      ...(rest && {
        refresh: (threads) => recovery.refresh(threads).pipe(takeUntil(closed)),
      }),
      wanted: (isWanted) => {
        recovery.want(isWanted);
      },
      isListing: () => lists > 0,
      recovery: () => first,
    },
    settings.overdueAfter,
    log,
  );

  const recovery = createPendingRecovery(settings, {
    noting,
    threads: () => registry.threads(),
    noteKey(event, key) {
      keys.set(event, key);
    },
    asking() {
      const revision = registry.revision();
      const before = connection;
      return (events, predicate) => {
        if (connection !== before) throw new Error('The connection was lost meanwhile.');
        const requests = events.flatMap((event) => noteCreated(event) ?? []);
        registry.reconcile(revision, requests, predicate);
      };
    },
  });

  /**
   * The request of an event. One with the ids of a known one that was asked at another time is
   * another request.
   */
  function noteCreated(event: Envelope): Envelope | null {
    const request = requestOf(event);
    const { createdAt } = Object(event.payload) as { readonly createdAt?: unknown };
    if (request === null || typeof createdAt !== 'string') return request;
    const identity = identityOf(request);
    const before = created.get(identity);
    created.set(identity, createdAt);
    if (before !== undefined && before !== createdAt) registry.replaced(request);
    return request;
  }

  const concerns = createConcern(own);

  return {
    requests: registry.requests,
    ponged: proof.ponged,
    wanted() {
      recovery.want(() => true);
    },
    resync: recovery.recover,
    needOf(type) {
      switch (type) {
        // The changes that an approval asks about. An item is a file change without saying so if
        // there is nothing but its id.
        case 'app_server.item.started':
          return ['fileChange', 'itemId'];
        default:
          return endingHere.has(type) ? registry.mayEnd : concerns(type);
      }
    },
    observe(event, key) {
      const { type, threadId, requestId } = event;
      if (!concerns(type) || (endingHere.has(type) && !registry.mayEnd(threadId))) return;
      if (key !== undefined) keys.set(event, key);
      registry.observe(event);
      if (asked.includes(type)) {
        const request = noteCreated(event);
        if (request) registry.open(request);
      } else if (resolved.includes(type)) registry.resolved(requestId, threadId, evidenceOf(event));
      else if (type === 'session_deleted') registry.threadEnded(threadId);
      // codex-manager has answered it with an error already.
      else if (type === 'server_request') {
        const request = asRequest(event);
        if (request) registry.refused(request);
      }
    },
    follow(stream) {
      const away$ = stream.status$.pipe(filter(({ state }) => state === 'waiting'));
      let isReady = false;
      const ready$ = stream.status$.pipe(
        map((status) => (isReady = status.state === 'open' && status.phase === 'ready')),
        filter(Boolean),
        take(1),
      );
      merge(ready$, recovery.unasked$.pipe(filter(() => isReady)))
        .pipe(
          filter(() => rest !== null && settings.recovers),
          mergeMap(() => recovery.recover().pipe(takeUntil(merge(away$, closed)))),
        )
        .subscribe((found) => (first = found));
      stream.gaps$
        .pipe(
          mergeMap(({ recovery$, replay }) => {
            // What ended meanwhile is in the replay.
            if (replay?.complete) return EMPTY;
            registry.interrupted();
            const revision = registry.revision();
            // No list tells of what codex-manager has refused itself.
            if (rest !== null) registry.dropUnseen(revision, ({ answerable }) => !answerable);
            return noting(recovery$).pipe(map((recovery) => ({ revision, ...recovery })));
          }),
        )
        .subscribe(({ revision, ...found }) => {
          const { recovered, restarted } = found;
          // If the first connection was lost before it was known.
          first ??= found;
          if (restarted === true) registry.restarted(revision);
          const requests = recovered.flatMap((event) => requestOf(event) ?? []);
          registry.reconcile(revision, requests, () => false);
        });
      stream.status$.subscribe({
        next({ state }) {
          if (state === 'open') {
            if (connection !== null) return;
            connection = { since: registry.revision() };
            opened.next();
          } else {
            connection = null;
            recovery.forget();
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
const own = [...asked, ...resolved, 'server_request', 'session_deleted'];
/** Types that end requests. */
const endingHere = /* @__PURE__ */ new Set([...ending, ...resolved, 'session_deleted']);
