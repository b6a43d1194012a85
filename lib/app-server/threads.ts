import {
  catchError,
  EMPTY,
  expand,
  from,
  map,
  mergeMap,
  of,
  reduce,
  tap,
  type Observable,
} from 'rxjs';
import type { Recovery } from '../requests/index.js';

/** Sends a call at once and gives its result, after what comes of it meanwhile. */
export type Request = (method: string, params: unknown, id?: number) => Observable<unknown>;

/** The threads that this client follows: the server sends their events to it. */
export interface Threads extends Iterable<string> {
  /** Learns from a call that has succeeded. */
  called(method: string, params: unknown, result: unknown): void;
  /** A thread has ended, or is followed no more. */
  remove(threadId: string): void;
}

/** Calls after whose success the server sends the events of the thread that their result holds. */
const following: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'thread/start',
  'thread/resume',
  'thread/fork',
]);

const leaving: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'thread/unsubscribe',
  'thread/archive',
  'thread/delete',
]);

export function createThreads(): Threads {
  const ids = new Set<string>();
  return {
    called(method, params, result) {
      const { thread } = Object(result) as { thread?: { id?: unknown } };
      if (following.has(method) && typeof thread?.id === 'string') ids.add(thread.id);
      const { threadId } = Object(params) as { threadId?: unknown };
      if (leaving.has(method) && typeof threadId === 'string') ids.delete(threadId);
    },
    remove(threadId) {
      ids.delete(threadId);
    },
    [Symbol.iterator]: () => ids.values(),
  };
}

/** How many threads are resumed at once: more of them overload a server that has just started. */
const concurrency = 4;

/** What is learned while threads are followed again. */
export interface Resumed {
  /** The server began anew. Called before it can ask anything in these threads. */
  restarted(): void;
  resumed(threadId: string): void;
}

/**
 * Follows threads again after a reconnection, and finds out whether the server is the same: one
 * that began anew has none of them loaded, and counts its requests from 0 again.
 */
export function resumeThreads(
  request: Request,
  threads: Iterable<string>,
  callbacks: Resumed,
): Observable<Recovery> {
  const ids = [...threads];
  const begun: Recovery = { recovered: [], complete: true, error: null, restarted: null };
  if (ids.length === 0) return of(begun);
  return loadedThreads(request).pipe(
    map((loaded) => loaded && !ids.some((id) => loaded.has(id))),
    tap((restarted) => {
      if (restarted === true) callbacks.restarted();
    }),
    mergeMap((restarted) =>
      from(ids).pipe(
        mergeMap((threadId) => {
          const resume$ = request('thread/resume', { threadId, excludeTurns: true });
          return resume$.pipe(
            map(() => {
              callbacks.resumed(threadId);
              return null;
            }),
            catchError((error: unknown) => of(error as Error)),
          );
        }, concurrency),
        reduce(
          (all, error) => (error ? { ...all, complete: false, error: all.error ?? error } : all),
          { ...begun, restarted },
        ),
      ),
    ),
  );
}

/** The ids of the threads that the server has loaded; `null` if it does not tell. */
const loadedThreads = (request: Request): Observable<ReadonlySet<string> | null> => {
  const page = (cursor: unknown) =>
    request('thread/loaded/list', cursor === null ? {} : { cursor }).pipe(
      map((result) => Object(result) as { data?: unknown; nextCursor?: unknown }),
    );
  return page(null).pipe(
    expand(({ nextCursor }) => (typeof nextCursor === 'string' ? page(nextCursor) : EMPTY)),
    reduce((ids, { data }) => {
      for (const id of Array.isArray(data) ? data : []) ids.add(id as string);
      return ids;
    }, new Set<string>()),
    catchError(() => of(null)),
  );
};
