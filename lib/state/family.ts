import { createBoundedMap } from '../bounded/index.js';
import type { CodexStream } from '../stream/index.js';

/** Which thread is the sub-agent of which, as far as this process has heard. */
export interface Family {
  /** @param parentId `null`: it is the sub-agent of none. */
  learn(threadId: string, parentId: string | null): void;
  parentOf(threadId: string): string | null;
  /** The thread that began it all; `null` if that is not known. */
  rootOf(threadId: string): string | null;
}

const families = /* @__PURE__ */ new WeakMap<CodexStream, Family>();

/** How many threads are remembered, and how deep sub-agents may be. */
const [maxThreads, maxDepth] = [10_000, 100];

/** The family of a stream: all of state shares it. */
export function familyOf(stream: CodexStream): Family {
  const known = families.get(stream);
  if (known) return known;
  const parents = createBoundedMap<string, string | null>(maxThreads);
  const family: Family = {
    learn(threadId, parentId) {
      // An item of the parent may have named it before its own thread is read.
      if (parentId !== null || !parents.has(threadId)) parents.set(threadId, parentId);
    },
    parentOf: (threadId) => parents.get(threadId) ?? null,
    rootOf(threadId) {
      let root: string | null = threadId;
      for (let depth = 0; depth < maxDepth && root !== null; depth++) {
        const parent: string | null | undefined = parents.get(root);
        if (parent === null) return root;
        root = parent ?? null;
      }
      return null;
    },
  };
  families.set(stream, family);
  return family;
}
