import {
  catchError,
  EMPTY,
  expand,
  filter,
  map,
  of,
  reduce,
  switchMap,
  type Observable,
} from 'rxjs';
import type { Loose } from '../envelope/index.js';
import { isReady } from '../socket/index.js';
import { ask, type Ask, type CodexStream } from '../stream/index.js';
import type { ThreadSnapshot } from './snapshot.js';
import { turnEvents } from './catch-up.js';
import { snapshotOfThread, snapshotOfTranscript } from './snapshot-of.js';
import { listOf } from './loose.js';
import { storedThread, type StoredThread } from './stored.js';

/**
 * Why a snapshot could not be read:
 * - `not stored`: Codex stores nothing of a thread before its first turn;
 * - `gone`: the thread was deleted;
 * - `failed`: anything else, which may pass.
 */
export type SnapshotFault = 'not stored' | 'gone' | 'failed';

/** What state needs of a source, beside its events and its requests. */
export interface StateSource {
  /**
   * What the server stores of a thread. `codex app-server` sends the events of the thread from then
   * on, and its answer is in order with them; that of codex-manager is not.
   *
   * @param withTurn Whether the events of the turn that runs are wanted, where a gateway logs them.
   */
  readSnapshot(threadId: string, withTurn?: boolean): Observable<ThreadSnapshot>;
  /** Why `readSnapshot` errored. */
  faultOf(error: unknown): SnapshotFault;
  /** The threads that the server lists, the latest first. */
  listThreads(): Observable<readonly StoredThread[]>;
  /** A thread that is not listed, such as a sub-agent; `null` if only the list may say. */
  readThread(threadId: string): Observable<StoredThread> | null;
  /** The sub-agents of a thread, and theirs: none where the server does not list them. */
  listDescendants(threadId: string): Observable<readonly StoredThread[]>;
  /** Lets the events of a thread come to this connection. */
  followThread(threadId: string): Observable<unknown>;
}

/** @throws TypeError if the stream comes from neither source. */
export function stateSource(stream: CodexStream): StateSource {
  const asks = askOf(stream);
  return 'call' in stream ? appServerSource(asks) : managerSource(asks, stream);
}

/** @throws TypeError if the stream comes from neither source. */
export function askOf(stream: CodexStream): Ask {
  const { [ask]: asks } = stream as { readonly [ask]?: Ask };
  if (asks) return asks;
  throw new TypeError('State is read from a stream of connectManager or connectAppServer.');
}

/** Where codex-manager has a thread. */
export const sessionPath = (threadId: string): string =>
  `/api/sessions/${encodeURIComponent(threadId)}`;

/** How many threads a page holds, and how many are listed at most. */
const [pageSize, maxListed] = [100, 1_000];

function appServerSource(ask: Ask): StateSource {
  /** The threads of all pages. */
  const list = (params: object): Observable<readonly StoredThread[]> => {
    const page = (cursor: unknown) =>
      ask('thread/list', { ...params, limit: pageSize, ...(cursor ? { cursor } : {}) });
    return page(null).pipe(
      expand((result, index) => {
        const { nextCursor } = Object(result) as Loose;
        return nextCursor && (index + 1) * pageSize < maxListed ? page(nextCursor) : EMPTY;
      }),
      reduce((all: StoredThread[], result) => [...all, ...storedThreads(result)], []),
    );
  };
  return {
    // Not `thread/read`: that subscribes to nothing, and does not list what runs.
    readSnapshot: (threadId) =>
      ask('thread/resume', { threadId }).pipe(map((result) => snapshotOfThread(threadOf(result)))),
    faultOf(error) {
      const { code, message } = Object(error) as { code?: unknown; message?: unknown };
      // The server has two answers for it, and the first code means many things.
      const isUnstored =
        code === -32600 && typeof message === 'string' && message.includes('no rollout found');
      return isUnstored || code === -32601 ? 'not stored' : 'failed';
    },
    listThreads: () => list({ sortKey: 'updated_at' }),
    readThread: (threadId) =>
      ask('thread/read', { threadId }).pipe(map((result) => storedThread(threadOf(result)))),
    // Needs the experimental API: without it there are the items of the parents.
    listDescendants: (threadId) =>
      list({ ancestorThreadId: threadId }).pipe(catchError(() => of([]))),
    followThread: (threadId) => ask('thread/resume', { threadId, excludeTurns: true }),
  };
}

const managerSource = (ask: Ask, { status$ }: CodexStream): StateSource => ({
  readSnapshot(threadId, withTurn = false) {
    const path = sessionPath(threadId);
    return ask(path).pipe(
      switchMap((result) => {
        const snapshot = snapshotOfTranscript(result);
        return withTurn
          ? turnEvents(ask, path, Object(result) as object, status$.pipe(filter(isReady))).pipe(
              map((events) => ({ ...snapshot, events })),
            )
          : of(snapshot);
      }),
    );
  },
  // 500 is an unknown thread, and a Codex that is not running.
  faultOf: (error) => ((Object(error) as { status?: unknown }).status === 410 ? 'gone' : 'failed'),
  listThreads: () => ask('/api/sessions').pipe(map(storedThreads)),
  // Sessions of its own come with events too, and are in no list.
  readThread: () => null,
  listDescendants: () => of([]),
  followThread: () => EMPTY,
});

export const threadOf = (result: unknown): Loose =>
  Object((Object(result) as Loose)['thread']) as Loose;

const storedThreads = (result: unknown): readonly StoredThread[] =>
  listOf((Object(result) as Loose)['data']).map(storedThread);
