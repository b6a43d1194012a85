import type { Envelope, Loose } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import { createBoundedMap } from '../bounded/index.js';
import { childrenOf } from './children-of.js';
import { byType } from './deltas.js';
import type { Family } from './family.js';
import { kept } from './kept.js';
import { paramsOf, stringOf } from './loose.js';
import { freezer } from './nodes.js';
import { storedThread, type StoredThread } from './stored.js';
import type { ThreadRequest } from './thread-requests.js';
import { byNeed, needOf, type ThreadSummary } from './thread-summary.js';

/** A thread of the list, as the server and its events have described it. */
interface Listed {
  thread: StoredThread;
  turn: ThreadSummary['turn'];
  hasFailed: boolean;
  lastActivityAtMs: number | null;
  /** The count of the event that changed the status or the title last. */
  changedAt: number;
  /** `false`: only events have named it, so it may be one that the server does not list. */
  isListed: boolean;
  /** The last summary that was made of it. */
  summary: ThreadSummary | null;
}

type Change = (
  listed: Listed,
  params: Loose,
  receivedAt: number,
) => Partial<StoredThread> | undefined;

/** What events change. No deltas: they say nothing new of a thread. */
const changes = /* @__PURE__ */ byType<Change>({
  'thread.started': (_, { thread }) => storedThread(Object(thread) as Loose),
  'thread.name.updated': (_, { threadName }) => ({ title: stringOf(threadName) }),
  'thread.status.changed'(listed, params) {
    const status = params['status'] as unknown as Incoming.ThreadStatus;
    if (status.type !== 'active') listed.turn = null;
    return { status };
  },
  'turn.started'(listed, { turn }, startedAtMs) {
    const id = stringOf(turn?.['id']);
    // Another one is announced while a turn runs, and never ends.
    if (id === null || listed.turn) return undefined;
    listed.hasFailed = false;
    listed.turn = { id, startedAtMs };
    return undefined;
  },
  'turn.completed'(listed, { turn }) {
    listed.hasFailed = (turn?.['status'] as unknown) === 'failed';
    listed.turn = null;
    return undefined;
  },
  // They name sub-agents.
  'item.started': () => undefined,
  'item.completed': () => undefined,
});

/** Events that a list of threads reads. */
export const listedTypes = (): readonly string[] => [...changes.keys()];

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

export function createListedThreads(family: Family, isFrozen: boolean): ListedThreads {
  const all = createBoundedMap<string, Listed>(maxThreads);
  const freeze = freezer(isFrozen);
  let last: readonly ThreadSummary[] = [];
  let count = 0;

  /** The thread of an id, which is the last to be forgotten now. */
  function listedOf(id: string): Listed {
    const listed = all.get(id) ?? {
      thread: { id, title: null, status: null, parentId: null, updatedAtMs: null },
      turn: null,
      hasFailed: false,
      lastActivityAtMs: null,
      changedAt: 0,
      isListed: false,
      summary: null,
    };
    all.set(id, listed);
    return listed;
  }

  /** A thread as the server lists it: what was heard after that beats it. */
  function add(thread: StoredThread, after = count): void {
    if (thread.parentId !== null) family.learn(thread.id, thread.parentId);
    const listed = listedOf(thread.id);
    const before = listed.thread;
    const isNewer = listed.changedAt > after;
    const status = (isNewer ? before.status : null) ?? thread.status ?? before.status;
    listed.thread = {
      ...thread,
      title: (isNewer ? before.title : null) ?? thread.title,
      status,
      parentId: thread.parentId ?? before.parentId,
    };
    if (status && status.type !== 'active') listed.turn = null;
    listed.lastActivityAtMs =
      Math.max(listed.lastActivityAtMs ?? 0, thread.updatedAtMs ?? 0) || null;
    listed.isListed = true;
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
      const params = paramsOf(event);
      if (!params) return;
      for (const child of childrenOf(params['item'])) family.learn(child.threadId, threadId);
      const listed = listedOf(threadId);
      listed.lastActivityAtMs = receivedAt;
      const changed = changes.get(event.type)?.(listed, params, receivedAt);
      if (!changed) return;
      listed.thread = { ...listed.thread, ...changed };
      listed.changedAt = count;
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
        for (const id of family.lineOf(request.threadId)) {
          waiting.set(id, [...(waiting.get(id) ?? []), request]);
        }
      }
      const summaries: ThreadSummary[] = [];
      for (const [id, listed] of all) {
        if (!listed.isListed) continue;
        const { turn, hasFailed, lastActivityAtMs, summary } = listed;
        const { title, status, parentId } = listed.thread;
        const requests = freeze(kept(summary?.requests, waiting.get(id) ?? []));
        const need = needOf({ status, turn, requests, hasFailed });
        const facts = { id, title, status, need, requests, turn, lastActivityAtMs, parentId };
        summaries.push((listed.summary = freeze(kept(summary, facts))));
      }
      return (last = freeze(kept(last, summaries.sort(byNeed))));
    },
  };
}
