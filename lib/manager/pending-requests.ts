import { catchError, from, map, mergeMap, of, reduce, tap, type Observable } from 'rxjs';
import { toEnvelope, type Envelope } from '../envelope/index.js';
import type { Recovery } from '../stream/index.js';
import type { Rest, RestAnswer } from './rest.js';

/** What a session may be waiting for, and the event that tells it while the stream is there. */
const lists = [
  ['approvals', 'approval'],
  ['tool-calls', 'tool_call_requested'],
  ['tool-input', 'tool_user_input_requested'],
] as const;

/** How many questions are under way at once. */
const concurrency = 6;

/** Told of each list that the server has given. */
export type Listed = (
  threadId: string,
  type: (typeof lists)[number][1],
  events: readonly Envelope[],
) => void;

/**
 * Asks codex-manager what these threads are waiting for, as the events that would have told it.
 * There is no list over all threads.
 */
export function pendingRequests(
  rest: Rest,
  threads: Iterable<string>,
  listed: Listed = () => undefined,
): Observable<Recovery> {
  const questions = [...threads].flatMap((threadId) =>
    lists.map(([list, type]) => ({ threadId, list, type })),
  );
  return from(questions).pipe(
    mergeMap(({ threadId, list, type }) => {
      const path = `/api/sessions/${encodeURIComponent(threadId)}/${list}`;
      return rest(path).pipe(
        map((answer) => recovered(answer, path, type, threadId)),
        tap((events) => {
          listed(threadId, type, events);
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
