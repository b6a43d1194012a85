import { Subject, Subscription } from 'rxjs';
import type { CodexStream } from '../stream/index.js';
import { listDescendants } from './descendants.js';
import { kept } from './kept.js';
import { followThread, type ThreadState } from './live-thread.js';
import { mustBeId } from './must-be-id.js';
import {
  liveState,
  retain,
  type Followed,
  type LiveState,
  type StateOptions,
} from './live-state.js';
import { freezer } from './nodes.js';
import { stateSource, type StateSource } from './sources.js';
import type { ChildLink } from './thread-view.js';

/** A thread with its sub-agents, and theirs. */
export interface ThreadTree {
  readonly thread: ThreadState;
  /** 0 for the root. */
  readonly depth: number;
  /** The item of its parent that names it; `null` for the root, and until that item is heard. */
  readonly link: ChildLink | null;
  /** In the order in which they were heard of. */
  readonly children: readonly ThreadTree[];
}

/**
 * The state of a thread and of its sub-agents, each followed as `threadState` does. Sub-agents are
 * learned from the items of their parents, and from a list of the server that is read at first and
 * after every gap: that needs a `codex app-server` and the option `experimental` of the stream.
 *
 * @example
 * threadTree(stream, threadId).subscribe(({ thread, children }) => render(thread, children));
 *
 * @throws TypeError if the stream comes from neither `connectManager` nor `connectAppServer`.
 */
export function threadTree(
  stream: CodexStream,
  rootThreadId: string,
  options: StateOptions = {},
): LiveState<ThreadTree> {
  mustBeId('rootThreadId', rootThreadId);
  const source = stateSource(stream);
  return liveState(stream, `tree ${rootThreadId}`, options, (freeze) =>
    followTree(stream, source, rootThreadId, freeze),
  );
}

/** A thread of a tree as it is followed. */
interface Node {
  readonly followed: Followed<ThreadState>;
  readonly depth: number;
  readonly children: string[];
  /** The tree that was made of it last. */
  tree: ThreadTree | null;
}

/** How many threads of a tree are followed at most. */
const maxThreads = 500;

function followTree(
  stream: CodexStream,
  source: StateSource,
  rootThreadId: string,
  isFrozen: boolean,
): Followed<ThreadTree> {
  const freeze = freezer(isFrozen);
  const nodes = new Map<string, Node>();
  const changed = new Subject<void>();
  const lifetime = new Subscription();

  function follow(threadId: string, parent: Node | undefined): void {
    if (nodes.has(threadId) || nodes.size >= maxThreads || lifetime.closed) return;
    const { followed, release } = retain(
      stream,
      `thread ${threadId}`,
      () => followThread(stream, source, threadId, isFrozen),
      isFrozen,
    );
    lifetime.add(release);
    const node: Node = { followed, depth: (parent?.depth ?? -1) + 1, children: [], tree: null };
    nodes.set(threadId, node);
    parent?.children.push(threadId);
    lifetime.add(followed.changed$.subscribe(change));
    change();

    function change(): void {
      for (const child of followed.read()?.children ?? []) follow(child.threadId, node);
      changed.next();
    }
  }

  function read(threadId: string, link: ChildLink | null): ThreadTree | null {
    const node = nodes.get(threadId);
    const thread = node?.followed.read();
    if (!node || !thread) return null;
    const trees = node.children.flatMap((id) => {
      const named = thread.children.find((child) => child.threadId === id) ?? null;
      return read(id, named) ?? [];
    });
    const children = freeze(kept(node.tree?.children, trees));
    return (node.tree = freeze(kept(node.tree, { thread, depth: node.depth, link, children })));
  }

  follow(rootThreadId, undefined);
  const { refresh } = listDescendants(stream, lifetime, source, rootThreadId, {
    has: (threadId) => nodes.has(threadId),
    admit(threadId, parentId) {
      follow(threadId, nodes.get(parentId));
    },
    closed() {
      changed.complete();
    },
  });

  return {
    changed$: changed,
    read: () => read(rootThreadId, null),
    refresh() {
      refresh();
      for (const { followed } of nodes.values()) followed.refresh();
    },
    lifetime,
  };
}
