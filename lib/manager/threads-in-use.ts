import type { Envelope } from '../envelope/index.js';

/** The threads that were heard last, 100 at most: the one that was silent longest comes first. */
export interface ThreadsInUse extends Iterable<string> {
  see(event: Envelope): void;
  /** Hears a thread. Its result is the thread to give the next time, which saves looking it up. */
  touch(thread: Thread): Thread;
}

/** A thread, and the number of the event that was heard of it last. */
export interface Thread {
  readonly id: string;
  /** 0: it was not heard yet, or is forgotten. */
  seenAt: number;
}

const bound = 100;

export function createThreadsInUse(): ThreadsInUse {
  // To number a thread is cheaper than to move it to the end of a Set, for every frame.
  const threads = new Map<string, Thread>();
  let count = 0;

  const last = () => [...threads.values()].sort((a, b) => a.seenAt - b.seenAt).slice(-bound);

  function keep(thread: Thread): Thread {
    // Twice as many are kept, so that they are seldom sorted.
    if (threads.size >= 2 * bound) {
      const kept = last();
      for (const forgotten of threads.values()) if (!kept.includes(forgotten)) forgotten.seenAt = 0;
      threads.clear();
      for (const one of kept) threads.set(one.id, one);
    }
    threads.set(thread.id, thread);
    return thread;
  }

  function touch(given: Thread): Thread {
    const thread = given.seenAt === 0 ? (threads.get(given.id) ?? keep(given)) : given;
    thread.seenAt = ++count;
    return thread;
  }

  let latest: Thread = { id: '', seenAt: 0 };
  return {
    touch,
    see({ threadId }) {
      if (threadId === null) return;
      latest = touch(threadId === latest.id ? latest : { id: threadId, seenAt: 0 });
    },
    *[Symbol.iterator]() {
      for (const { id } of last()) yield id;
    },
  };
}
