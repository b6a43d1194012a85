import { createBoundedMap } from '../bounded/index.js';
import { isWeak } from './server-request.js';
import type { Outcome } from './settlement.js';

/** How many requests that have ended are remembered: a late copy of one must not open it again. */
const maxRemembered = 1_000;

/** What the ledger knows of a request. */
export interface LedgerEntry {
  readonly announced: { readonly key: string; readonly threadId: string | null };
  readonly identity: string;
  /** The revision at which it was seen last. */
  seen: number;
}

/**
 * Which requests are open and which have ended, ordered by a counter: what is said later of what
 * was seen before is decided by revisions, and never by a clock.
 */
export interface Ledger<Entry extends LedgerEntry> {
  /** The revision now. It grows with everything that is seen. */
  readonly revision: () => number;
  /** The open requests, the oldest first. */
  readonly open: () => readonly Entry[];
  /** Those of a thread: a hundred threads have many, and each but a few. */
  ofThread(threadId: string | null): readonly Entry[];
  /** Whether a thread has open requests. */
  readonly isWaiting: (threadId: string | null) => boolean;
  get(identity: string): Entry | undefined;
  byKey(key: string): Entry | undefined;
  /** How a request has ended. */
  outcomeOf(identity: string): Outcome | undefined;
  add(entry: Entry): void;
  /** Notes that a request was seen again. */
  observe(entry: Entry): void;
  /** Ends a request: whether it was open. */
  end(entry: Entry, outcome: Outcome): boolean;
  /** Notes that an id or a turn has ended, whether its requests are known or not. */
  noteEnd(...what: readonly unknown[]): void;
  /** Whether it has ended since a revision. */
  hasEndedSince(revision: number, ...what: readonly unknown[]): boolean;
  /** The open requests that were not seen since a revision. */
  unseenSince(revision: number): readonly Entry[];
  /** Whether the connection that there is has announced a request. */
  readonly isOfConnection: (entry: Entry) => boolean;
  /** The connection was lost: what has nothing but an id may mean another request from now on. */
  interrupt(): void;
  /** Forgets how a request has ended, or all of them: their ids are used anew. */
  forget(identity?: string): void;
}

export function createLedger<Entry extends LedgerEntry>(): Ledger<Entry> {
  const entries = new Map<string, Entry>();
  const threads = new Map<string | null, Set<Entry>>();
  const outcomes = createBoundedMap<string, Outcome>(maxRemembered);
  const ends = createBoundedMap<string, number>(maxRemembered);
  let revision = 0;
  let interruption = 0;
  return {
    revision: () => revision,
    open: () => [...entries.values()],
    ofThread: (threadId) => [...(threads.get(threadId) ?? [])],
    isWaiting: (threadId) => threads.has(threadId),
    get: (identity) => entries.get(identity),
    byKey(key) {
      const has = (entry: Entry) => entry.announced.key === key;
      // Most keys are identities.
      const entry = entries.get(key);
      return entry && has(entry) ? entry : [...entries.values()].find(has);
    },
    outcomeOf: (identity) => outcomes.get(identity),
    add(entry) {
      entry.seen = ++revision;
      entries.set(entry.identity, entry);
      const { threadId } = entry.announced;
      threads.set(threadId, (threads.get(threadId) ?? new Set()).add(entry));
    },
    observe(entry) {
      entry.seen = ++revision;
    },
    end(entry, outcome) {
      if (!entries.delete(entry.identity)) return false;
      const { threadId } = entry.announced;
      const ofThread = threads.get(threadId);
      ofThread?.delete(entry);
      if (ofThread?.size === 0) threads.delete(threadId);
      outcomes.set(entry.identity, outcome);
      return true;
    },
    noteEnd(...what) {
      ends.set(JSON.stringify(what), ++revision);
    },
    hasEndedSince: (since, ...what) => (ends.get(JSON.stringify(what)) ?? 0) > since,
    unseenSince: (since) => [...entries.values()].filter(({ seen }) => seen <= since),
    isOfConnection: ({ seen }) => seen > interruption,
    interrupt() {
      interruption = revision;
      for (const identity of [...outcomes.keys()]) if (isWeak(identity)) outcomes.delete(identity);
    },
    forget(identity) {
      if (identity === undefined) outcomes.clear();
      else outcomes.delete(identity);
    },
  };
}
