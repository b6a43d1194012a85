import {
  catchError,
  defer,
  from,
  map,
  mergeMap,
  of,
  reduce,
  retry,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { toEnvelope, type Envelope } from '../envelope/index.js';
import { backoff } from '../socket/backoff.js';
import type { Recovery } from '../stream/index.js';
import { lists } from './methods.js';
import type { Rest, RestAnswer } from './rest.js';

/** How many questions are under way at once. */
const concurrency = 6;

/** The most that a wait can be before a list is asked for again, in milliseconds: at first, and ever. */
const [base, cap] = [500, 8_000];

/** Called with a list that the server has given. */
export type Listed = (threadId: string, type: string, events: readonly Envelope[]) => void;

export interface Questions {
  /** For the jitter of the waits, from 0 up to 1. */
  readonly random: () => number;
  /** How often a server is asked that cannot say. Default: 4 times. */
  readonly attempts?: number | undefined;
  /** Called before each question: what it returns gets the answer. */
  readonly asking?: () => Listed;
}

/**
 * Asks codex-manager what these threads are waiting for, as the events that would have announced it.
 * There is no list over all threads.
 */
export function pendingRequests(
  rest: Rest,
  threads: Iterable<string>,
  { random, attempts = 4, asking = () => () => undefined }: Questions,
): Observable<Recovery> {
  const questions = [...threads].flatMap((threadId) =>
    [...lists].map(([list, type]) => ({ threadId, list, type })),
  );
  return from(questions).pipe(
    mergeMap(({ threadId, list, type }) => {
      const path = `/api/sessions/${encodeURIComponent(threadId)}/${list}`;
      /** Of the last answer; 0 if there was none. */
      let status = 0;
      return defer(() => {
        const listed = asking();
        status = 0;
        return rest(path).pipe(
          tap((answer) => {
            ({ status } = answer);
          }),
          map((answer) => recovered(answer, path, type, threadId)),
          tap((events) => {
            listed(threadId, type, events);
          }),
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
    }, concurrency),
    reduce<readonly Envelope[] | Error, Recovery>(
      (all, found) =>
        found instanceof Error
          ? { ...all, complete: false, error: all.error ?? found }
          : { ...all, recovered: [...all.recovered, ...found] },
      { recovered: [], complete: true, error: null },
    ),
  );
}

/** Whether it may help to ask again. */
const mayHelp = (status: number): boolean =>
  status === 0 || status === 200 || status === 408 || status === 429 || status >= 500;

/** A session that is deleted, or the system's own, waits for nothing that could be answered. */
const waitsForNothing = [403, 410];

function recovered(
  { status, body }: RestAnswer,
  path: string,
  type: string,
  threadId: string,
): readonly Envelope[] {
  if (waitsForNothing.includes(status)) return [];
  const { data } = Object(body) as { data?: unknown };
  if (status !== 200 || !Array.isArray(data)) {
    throw new Error(`GET ${path}: HTTP status ${status}${status === 200 ? ' without data' : ''}.`);
  }
  return data.map((payload: unknown) => toEnvelope({ type, threadId, payload }));
}
