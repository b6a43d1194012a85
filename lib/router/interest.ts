import type { MatcherKey } from '../match/index.js';
import { distinct } from './type-table.js';

/**
 * What is wanted of events, as far as their type and thread tell. A wanted event is never denied;
 * one that turns out not to be wanted may be affirmed.
 */
export interface Interest {
  /** Whether every event is wanted now. */
  readonly all: boolean;

  /** Another number whenever `wants` or `threads` may have another answer. */
  readonly revision: number;

  /**
   * Whether an event of this type may be wanted.
   *
   * @param threadId Its thread; `''` if it has none, `null` if that is not known.
   */
  readonly wants: (type: string, threadId: string | null) => boolean;

  /** The threads that are asked for by their ids. */
  readonly threads: { has(threadId: string): boolean } & Iterable<string>;

  /** What wants every event now, by name. */
  causes(): readonly string[];
}

/** Counts keys, and answers for them all: to add or to remove one costs the same among many. */
export interface KeyCounts extends Omit<Interest, 'causes'> {
  add(key: MatcherKey): void;
  remove(key: MatcherKey): void;
}

export function createKeyCounts(): KeyCounts {
  const anywhere = new TypeCounts();
  /** Of the keys that name threads: of each thread, and of all. */
  const byThread = new Map<string, TypeCounts>();
  const inThreads = new TypeCounts();
  // Read for each frame, as data: a getter in a getter costs as much as the search of a type.
  const counts = {
    all: false,
    revision: 0,
    add(key: MatcherKey) {
      change(key, 1);
    },
    remove(key: MatcherKey) {
      change(key, -1);
    },
    wants(type: string, threadId: string | null) {
      if (anywhere.has(type)) return true;
      return (threadId === null ? inThreads : byThread.get(threadId))?.has(type) === true;
    },
    threads: {
      has: (threadId: string) => byThread.has(threadId),
      [Symbol.iterator]: () => byThread.keys(),
    },
  };

  /** Turns and requests are left out: neither a type nor a thread says them. */
  function change(key: MatcherKey, by: 1 | -1): void {
    counts.revision++;
    if (key.threads === undefined) {
      anywhere.change(key, by);
      counts.all = anywhere.isOfAll;
      return;
    }
    for (const id of distinct(key.threads)) {
      const ofThread = byThread.get(id) ?? new TypeCounts();
      ofThread.change(key, by);
      if (ofThread.isEmpty) byThread.delete(id);
      else byThread.set(id, ofThread);
      inThreads.change(key, by);
    }
  }

  return counts;
}

/** Whether a key is that of every event. */
export const isOfAll = ({ types, prefixes = [''], threads }: MatcherKey): boolean =>
  types === undefined && threads === undefined && prefixes.includes('');

/** How many keys name a type, or a prefix. */
class TypeCounts {
  readonly #types = new Map<string, number>();
  readonly #prefixes = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#types.size + this.#prefixes.size === 0;
  }

  /** Whether one of the keys is that of every event. */
  get isOfAll(): boolean {
    return this.#prefixes.has('');
  }

  change({ types, prefixes = [''] }: MatcherKey, by: 1 | -1): void {
    const counts = types ? this.#types : this.#prefixes;
    for (const name of distinct(types ?? prefixes)) {
      const count = (counts.get(name) ?? 0) + by;
      if (count === 0) counts.delete(name);
      else counts.set(name, count);
    }
  }

  has(type: string): boolean {
    if (this.#types.has(type)) return true;
    for (const prefix of this.#prefixes.keys()) if (type.startsWith(prefix)) return true;
    return false;
  }
}
