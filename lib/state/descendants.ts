import type { Subscription } from 'rxjs';
import type { CodexStream } from '../stream/index.js';
import { familyOf } from './family.js';
import { createReading, type Reading } from './reading.js';
import type { StateSource } from './sources.js';

/** Lists the sub-agents of a thread, now and after every gap. */
export function listDescendants(
  stream: CodexStream,
  lifetime: Subscription,
  source: StateSource,
  rootThreadId: string,
  tree: {
    has(threadId: string): boolean;
    /** Takes a thread whose parent it has. */
    admit(threadId: string, parentId: string): void;
    listed?(threadIds: readonly string[]): void;
    closed?(): void;
  },
): Reading {
  const reading = createReading(stream, lifetime, {
    read: () => source.listDescendants(rootThreadId),
    done(listed) {
      let unplaced = listed;
      for (let before = -1; before !== unplaced.length;) {
        before = unplaced.length;
        // A child may be listed before its parent.
        unplaced = unplaced.filter(({ id, parentId }) => {
          if (parentId === null) return false;
          familyOf(stream).learn(id, parentId);
          if (!tree.has(parentId)) return true;
          tree.admit(id, parentId);
          return false;
        });
      }
      tree.listed?.(listed.map(({ id }) => id));
    },
    failed: () => true,
    closed: () => tree.closed?.(),
  });
  reading.refresh();
  return reading;
}
