import {
  catchError,
  defer,
  EMPTY,
  expand,
  filter,
  from,
  map,
  mergeMap,
  of,
  retry,
  tap,
  throwError,
  timer,
  toArray,
  type Observable,
} from 'rxjs';
import { toEnvelope, type Envelope } from '../envelope/index.js';
import type { Recovery } from '../requests/index.js';
import { backoff } from '../socket/backoff.js';
import { lists } from './methods.js';
import type { Rest, RestAnswer } from './rest.js';

/** How many questions are under way at once. */
const concurrency = 4;

/** The most that a wait can be before a list is asked for again, in milliseconds: at first, and ever. */
const [base, cap] = [500, 8_000];

/** How many sessions are listed at a time, and how many times: a list may have no end. */
const [pageSize, maxPages] = [100, 100];

/** Called with a list that the server has given. */
export type Listed = (threadId: string, type: string, events: readonly Envelope[]) => void;

export interface Questions {
  /** The threads that are asked for all that is pending, before all others. */
  readonly threads: Iterable<string>;
  /** The lists that they are asked for. Default: all. */
  readonly ofThreads?: Iterable<string>;
  /** The lists that are asked for in the sessions that the server lists, the newest first. */
  readonly lists?: readonly string[];
  /** How many sessions are asked for those. */
  readonly sessions?: number;
  /** For the jitter of the waits, from 0 up to 1. */
  readonly random: () => number;
  /** How often a server is asked that cannot say. Default: 4 times. */
  readonly attempts?: number | undefined;
  /** Called before each question: what it returns gets the answer. */
  readonly asking?: () => Listed;
}

/** A path that is asked, and what comes of its answer: events, and more questions. */
interface Question {
  readonly path: string;
  readonly read: (body: Body, listed: Listed) => readonly Found[];
}

interface Body {
  readonly data: readonly unknown[];
  readonly nextCursor?: unknown;
}

type Found = Question | Envelope | Error;

const isQuestion = (found: Found): found is Question => 'read' in found;

/**
 * Asks codex-manager what its sessions are waiting for, as the events that would have announced it.
 * There is no list over all of them.
 */
export function pendingRequests(
  rest: Rest,
  {
    threads,
    ofThreads = lists.keys(),
    lists: wanted = [],
    sessions = 0,
    random,
    attempts = 4,
    asking = () => () => undefined,
  }: Questions,
): Observable<Recovery> {
  const known = new Set(threads);
  const most = known.size + sessions;
  let pages = 0;

  const pendingOf = (threadId: string, names: Iterable<string>): readonly Question[] =>
    Array.from(names, (list) => ({
      path: `/api/sessions/${encodeURIComponent(threadId)}/${list}`,
      read({ data }, listed) {
        const type = lists.get(list) as string;
        const events = data.map((payload) => toEnvelope({ type, threadId, payload }));
        listed(threadId, type, events);
        return events;
      },
    }));

  const page = (query: string): Question => ({
    path: `/api/sessions?limit=${pageSize}${query}`,
    read({ data, nextCursor }) {
      const found = data.flatMap((session) => {
        const { sessionId } = Object(session) as { readonly sessionId?: unknown };
        if (typeof sessionId !== 'string' || known.has(sessionId)) return [];
        known.add(sessionId);
        return known.size > most ? [] : pendingOf(sessionId, wanted);
      });
      const isMore = typeof nextCursor === 'string' && data.length > 0 && ++pages < maxPages;
      return isMore ? [...found, page(`&cursor=${encodeURIComponent(nextCursor)}`)] : found;
    },
  });

  function ask({ path, read }: Question): Observable<Found> {
    /** Of the last answer; 0 if there was none. */
    let status = 0;
    return defer(() => {
      const listed = asking();
      status = 0;
      return rest(path).pipe(
        tap((answer) => {
          ({ status } = answer);
        }),
        mergeMap((answer) => read(bodyOf(answer, path), listed)),
      );
    }).pipe(
      retry({
        count: attempts - 1,
        delay: (error: unknown, failures) =>
          mayHelp(status)
            ? timer(backoff(failures + 1, base, cap, random))
            : throwError(() => error as Error),
      }),
      catchError((error: unknown) => of(error as Error)),
    );
  }

  const names = [...ofThreads];
  const first: Found[] = [...known].flatMap((threadId) => pendingOf(threadId, names));
  if (wanted.length > 0 && sessions > 0) first.push(page(''));
  return from(first).pipe(
    expand((found) => (isQuestion(found) ? ask(found) : EMPTY), concurrency),
    filter((found) => !isQuestion(found)),
    toArray(),
    map((found) => {
      const error = found.find((one) => one instanceof Error) ?? null;
      const recovered = found.filter((one) => 'payload' in one);
      const skipped = Math.max(0, known.size - most);
      return { recovered, complete: error === null && skipped === 0, error, skipped };
    }),
  );
}

/** Whether it may help to ask again. */
const mayHelp = (status: number): boolean =>
  status === 0 || status === 200 || status === 408 || status === 429 || status >= 500;

/** What is deleted, unknown, or the system's own waits for nothing that could be answered. */
const waitsForNothing = [403, 404, 410];

function bodyOf({ status, body }: RestAnswer, path: string): Body {
  if (waitsForNothing.includes(status)) return { data: [] };
  const { data } = Object(body) as { data?: unknown };
  if (status === 200 && Array.isArray(data)) return body as Body;
  throw new Error(`GET ${path}: HTTP status ${status}${status === 200 ? ' without data' : ''}.`);
}
