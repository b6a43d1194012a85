import type { Envelope } from '../envelope/index.js';

/** The threads that were heard last, 100 at most. */
export interface ThreadsInUse extends Iterable<string> {
  see(event: Envelope): void;
}

const bound = 100;

export function createThreadsInUse(): ThreadsInUse {
  const threads = new Set<string>();
  let latest: string | null = null;
  return {
    see({ threadId }) {
      if (threadId === latest || threadId === null) return;
      latest = threadId;
      // To the end of the line: the one in front was silent longest.
      threads.delete(threadId);
      threads.add(threadId);
      if (threads.size > bound) threads.delete(threads.values().next().value as string);
    },
    [Symbol.iterator]: () => threads.values(),
  };
}
