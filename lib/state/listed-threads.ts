import type { Envelope, Loose } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import { createBoundedMap } from '../bounded/index.js';
import { childrenOf } from './children-of.js';
import type { Family } from './family.js';
import { stringOf } from './loose.js';
import { storedThread, type StoredThread } from './stored.js';
import type { ThreadRequest } from './thread-requests.js';
import { byNeed, needOf, type ThreadSummary } from './thread-summary.js';

/** A thread of the list, as events have changed it. */
interface Listed {
  readonly thread: StoredThread;
  readonly turn: ThreadSummary['turn'];
  readonly hasFailed: boolean;
  readonly activeAtMs: number | null;
  /** The count of the event that changed the status or the title last. */
  readonly changedAt: number;
  /** `false`: only events have named it, so it may be one that the server does not list. */
  readonly isListed: boolean;
}

/** Events that a list of threads reads. No deltas: they say nothing new of a thread. */
export const listedTypes = [
  ...['started', 'status.changed', 'name.updated', 'archived', 'deleted', 'unarchived'].map(
    (name) => `thread.${name}`,
  ),
  ...['turn.started', 'turn.completed', 'item.started', 'item.completed'],
].map((name) => `app_server.${name}`);

/** How many threads a list keeps: the one of which nothing was heard for longest goes. */
const maxThreads = 2_000;

export interface ListedThreads {
  /** Events read so far. */
  readonly count: number;
  has(threadId: string): boolean;
  /** Adds a thread that no list has. */
  add(thread: StoredThread): void;
  remove(threadId: string): void;
  /** Changes a thread that is known by one of its events. */
  push(threadId: string, event: Envelope, receivedAt: number): void;
  /** Takes the server's list, which was asked for at a count: threads that it lacks go. */
  replace(threads: readonly StoredThread[], after: number): void;
  /** Sorted by need. What has not changed keeps its reference. */
  read(requests: readonly ThreadRequest[]): readonly ThreadSummary[];
}

export function createListedThreads(family: Family): ListedThreads {
  const all = createBoundedMap<string, Listed>(maxThreads);
  const summaries = new WeakMap<Listed, ThreadSummary>();
  let last: readonly ThreadSummary[] = [];
  let count = 0;

  function add(thread: StoredThread, after = count): void {
    if (thread.parentId !== null) family.learn(thread.id, thread.parentId);
    const before = all.get(thread.id);
    all.set(thread.id, joined(before ?? unknown(thread.id), thread, after));
  }

  function summaryOf(listed: Listed, requests: readonly ThreadRequest[]): ThreadSummary {
    const before = summaries.get(listed);
    const isSame =
      before?.requests.length === requests.length &&
      before.requests.every((request, at) => request === requests[at]);
    if (isSame) return before;
    const { turn, hasFailed, activeAtMs } = listed;
    const { id, title, status, parentId } = listed.thread;
    const need = needOf({ status, turn, requests, hasFailed });
    const summary = {
      id,
      title,
      status,
      need,
      requests,
      turn,
      lastActivityAtMs: activeAtMs,
      parentId,
    };
    summaries.set(listed, summary);
    return summary;
  }

  return {
    get count() {
      return count;
    },
    has: (threadId) => all.get(threadId)?.isListed === true,
    add,
    remove(threadId) {
      all.delete(threadId);
    },
    push(threadId, event, receivedAt) {
      count++;
      const { params } = Object(event.payload) as { params?: Loose };
      if (!params) return;
      for (const child of childrenOf(params['item'])) {
        family.learn(child.threadId, threadId);
      }
      const listed = all.get(threadId) ?? unknown(threadId);
      all.set(threadId, changed(listed, event.type, params, receivedAt, count));
    },
    replace(threads, after) {
      const ids = new Set(threads.map(({ id }) => id));
      for (const [id, { thread, changedAt, isListed }] of [...all]) {
        // Sub-agents are not in the list; what was heard since it was asked for is not yet.
        const isMissed = isListed && !ids.has(id) && thread.parentId === null;
        if (isMissed && changedAt <= after) all.delete(id);
      }
      // The latest is listed first, and forgotten last.
      for (const thread of [...threads].reverse()) add(thread, after);
    },
    read(requests) {
      const waiting = new Map<string, ThreadRequest[]>();
      for (const request of requests) {
        const seen = new Set<string>();
        for (let id = request.threadId; id !== null && !seen.has(id); id = family.parentOf(id)) {
          seen.add(id);
          waiting.set(id, [...(waiting.get(id) ?? []), request]);
        }
      }
      const next = [...all]
        .filter(([, { isListed }]) => isListed)
        .map(([id, listed]) => summaryOf(listed, waiting.get(id) ?? []))
        .sort(byNeed);
      const isSame = next.length === last.length && next.every((one, at) => one === last[at]);
      return isSame ? last : (last = next);
    },
  };
}

/** A thread after one of its events. */
function changed(
  listed: Listed,
  type: string,
  params: Loose,
  receivedAt: number,
  changedAt: number,
): Listed {
  const after = { ...listed, activeAtMs: receivedAt };
  const { thread } = listed;
  switch (type) {
    case 'app_server.thread.started':
      return { ...after, changedAt, thread: storedThread(Object(params['thread']) as Loose) };
    case 'app_server.thread.status.changed': {
      const status = params['status'] as unknown as Incoming.ThreadStatus;
      const turn = status.type === 'active' ? listed.turn : null;
      return { ...after, changedAt, turn, thread: { ...thread, status } };
    }
    case 'app_server.thread.name.updated':
      return { ...after, changedAt, thread: { ...thread, title: stringOf(params['threadName']) } };
    case 'app_server.turn.started': {
      const id = stringOf(params['turn']?.['id']);
      // Another one is announced while a turn runs, and never ends.
      if (id === null || listed.turn) return after;
      return { ...after, hasFailed: false, turn: { id, startedAtMs: receivedAt } };
    }
    case 'app_server.turn.completed':
      return {
        ...after,
        turn: null,
        hasFailed: (params['turn']?.['status'] as unknown) === 'failed',
      };
    default:
      return after;
  }
}

/** A thread as the server lists it: what was heard after that beats it. */
function joined(listed: Listed, thread: StoredThread, after: number): Listed {
  const before = listed.thread;
  const isNewer = listed.changedAt > after;
  const next: StoredThread = {
    ...thread,
    title: (isNewer ? before.title : null) ?? thread.title,
    status: (isNewer ? before.status : null) ?? thread.status ?? before.status,
    parentId: thread.parentId ?? before.parentId,
  };
  const isOver = next.status !== null && next.status.type !== 'active';
  const activeAtMs = Math.max(listed.activeAtMs ?? 0, thread.updatedAtMs ?? 0) || null;
  const turn = isOver ? null : listed.turn;
  return { ...listed, thread: next, turn, activeAtMs, isListed: true };
}

const unknown = (id: string): Listed => ({
  thread: { id, title: null, status: null, parentId: null, updatedAtMs: null },
  turn: null,
  hasFailed: false,
  activeAtMs: null,
  changedAt: 0,
  isListed: false,
});
