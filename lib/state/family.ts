import { createBoundedMap } from '../bounded/index.js';
import { perStream } from './per-stream.js';

/** Which thread is the sub-agent of which, as far as this process has heard. */
export interface Family {
  /** @param parentId `null`: it is the sub-agent of none. */
  learn(threadId: string, parentId: string | null): void;
  /** A thread, its parent, the parent of that, and so on. */
  lineOf(threadId: string | null): readonly string[];
  parentOf(threadId: string): string | null;
  /** The thread that began it all; `null` if that is not known. */
  rootOf(threadId: string | null): string | null;
}

/** How many threads are remembered, and how deep sub-agents may be. */
const [maxThreads, maxDepth] = [10_000, 100];

/** The family of a stream: all of state shares it. */
export const familyOf = /* @__PURE__ */ perStream((): Family => {
  const parents = createBoundedMap<string, string | null>(maxThreads);
  const parentOf = (threadId: string) => parents.get(threadId) ?? null;

  function lineOf(threadId: string | null): readonly string[] {
    const line: string[] = [];
    let id = threadId;
    while (id !== null && line.length < maxDepth && !line.includes(id)) {
      line.push(id);
      id = parentOf(id);
    }
    return line;
  }

  return {
    learn(threadId, parentId) {
      // An item of the parent may have named it before its own thread is read.
      if (parentId !== null || !parents.has(threadId)) parents.set(threadId, parentId);
    },
    lineOf,
    parentOf,
    rootOf(threadId) {
      const root = lineOf(threadId).at(-1);
      return root !== undefined && parents.get(root) === null ? root : null;
    },
  };
});
