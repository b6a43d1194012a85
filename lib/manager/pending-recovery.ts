import { map, Subject, tap, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import {
  identityOf,
  type Announced,
  type Recovery,
  type ServerRequest,
} from '../requests/index.js';
import { writeLog } from '../text/index.js';
import { gatewayRequests } from './gateway-requests.js';
import type { ManagerSettings } from './manager-options.js';
import { lists as allLists, listsOf, managerMethod } from './methods.js';
import { pendingRequests, type Questions } from './pending-requests.js';
import { requestOf } from './request-events.js';
import type { Rest } from './rest.js';

export interface RecoverySettings extends Pick<
  ManagerSettings,
  'rest' | 'random' | 'log' | 'recoverSessions' | 'position'
> {
  /** The thread that the stream is filtered to. */
  readonly threadId: () => string | null;
}

/** What is done with the lists that a server gives. */
export interface RecoveryHost {
  /** The threads of the requests that are open. */
  readonly threads: () => Iterable<string>;
  /**
   * Called before each question: what it returns opens the requests that are listed, and drops those
   * that pass the predicate and are not. It throws if the connection was lost meanwhile: the list may
   * come from a server that has since restarted.
   */
  readonly asking: () => Believe;
  /** Notes all that ends while this lasts: a list may still have it. */
  readonly noting: <T>(list$: Observable<T>) => Observable<T>;
  /** The key that a gateway gives to the request of an event. */
  readonly noteKey: (event: Envelope, key: string) => void;
}

export type Believe = (
  events: readonly Envelope[],
  predicate: (request: Announced) => boolean,
) => void;

/** Asks the server what is pending, and believes it. */
export interface PendingRecovery {
  /** The requests of these methods are served or observed from now on. */
  want(isWanted: (method: string) => boolean): void;
  /** Emits when a list is wanted that this connection was not asked for. */
  readonly unasked$: Observable<void>;
  /** The connection is lost: all is asked for again. */
  forget(): void;
  /** Asks after a reconnection, and at first. */
  readonly recover: () => Observable<Recovery>;
  /** Asks for all that is pending in these threads: whether the server could say. */
  refresh(threads: readonly string[]): Observable<boolean>;
  /** Whether the server lists a request as pending: the same one, asked at the same time. */
  readonly isListed: (request: ServerRequest) => Observable<boolean>;
}

export function createPendingRecovery(
  settings: RecoverySettings,
  host: RecoveryHost,
): PendingRecovery {
  const { rest, random, log, recoverSessions, position, threadId } = settings;
  /** The lists that are served or observed, and those that this connection was asked for. */
  const wanted = new Set<string>();
  const asked = new Set<string>();
  const wants = new Subject<void>();
  let lastReport = '';

  const ask = (questions: Omit<Questions, 'random' | 'asking'>): Observable<Recovery> =>
    host.noting(
      pendingRequests(rest as Rest, {
        ...questions,
        random,
        asking() {
          const believe = host.asking();
          return (threadId, type, events) => {
            believe(events, ({ method, answerable, ...request }) => {
              const isOfList = managerMethod(method)?.events[0] === type;
              return answerable && request.threadId === threadId && isOfList;
            });
          };
        },
      }),
    );

  const askGateway = (threadId: string | null): Observable<Recovery> =>
    host.noting(
      gatewayRequests(rest as Rest, threadId, random, () => {
        const believe = host.asking();
        return (listed) => {
          for (const { key, event } of listed) host.noteKey(event, key);
          const events = listed.map(({ event }) => event);
          believe(events, (request) => threadId === null || request.threadId === threadId);
        };
      }),
    );

  /** The lists that are worth asking for, and were not on this connection. */
  const unasked = () =>
    [...(threadId() === null ? wanted : allLists.keys())].filter((list) => !asked.has(list));

  /** Writes once what a recovery could not learn. */
  function report({ complete, error, skipped }: Recovery): void {
    const why = error?.message ?? `sessions not asked: ${skipped}, see "recoverSessions".`;
    const text = complete ? '' : `Requests may be pending that are not known: ${why}`;
    if (!complete && text !== lastReport) writeLog(log, text);
    lastReport = text;
  }

  return {
    unasked$: wants.asObservable(),
    want(isWanted) {
      for (const list of listsOf(isWanted)) wanted.add(list);
      if (unasked().length > 0) wants.next();
    },
    forget() {
      asked.clear();
    },
    recover() {
      const thread = threadId();
      const lists = unasked();
      for (const list of position.gateway ? allLists.keys() : lists) asked.add(list);
      if (position.gateway) return askGateway(thread);
      const threads = new Set([...(thread === null ? [] : [thread]), ...host.threads()]);
      const ofSessions = thread === null && { lists, sessions: recoverSessions };
      return ask({ threads, ...ofSessions }).pipe(tap(report));
    },
    refresh: (threads) => ask({ threads }).pipe(map(({ complete }) => complete)),
    isListed: ({ threadId, event, method }) => {
      const ofThreads = listsOf((other) => other === method);
      return ask({ threads: [threadId ?? ''], ofThreads, attempts: 1 }).pipe(
        map(({ recovered, complete, error }) => {
          const identity = identityOf(event);
          const isPending = recovered.some((event) => {
            const listed = requestOf(event);
            return listed !== null && identityOf(listed) === identity;
          });
          if (!isPending && !complete) throw error as Error;
          return isPending;
        }),
      );
    },
  };
}
