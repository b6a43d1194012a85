import { Subject, type Observable, type Subscription } from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import { ofPrefix } from '../match/index.js';
import { threadState, type ThreadState } from '../state/index.js';
import type { CodexStream } from '../stream/index.js';

/** The threads of a stream that do something. */
export interface TailThreads {
  readonly changed$: Observable<void>;
  readonly states: ReadonlyMap<string, ThreadState>;
  /** Whether a turn does something while it is watched, and is not of the past alone. */
  isHeard(turnId: string): boolean;
  /** How many parents a thread has. */
  depthOf(threadId: string | null): number;
}

/** How many threads are followed: the one of which nothing was heard for longest goes. */
const maxThreads = 200;

/** How often the state of a thread is looked at, in ms. */
const every = 80;

/** Follows each thread from its first event on, and its sub-agents. */
export function tailThreads(stream: CodexStream, only: string | undefined): TailThreads {
  const changed = new Subject<void>();
  const states = new Map<string, ThreadState>();
  const followed = new Map<string, Subscription>();
  const parents = createBoundedMap<string, string>(10_000);
  const heard = createBoundedMap<string, true>(10_000);

  function follow(threadId: string): void {
    const known = followed.get(threadId);
    followed.delete(threadId);
    followed.set(threadId, known ?? threadState(stream, threadId, { every }).subscribe(show));
    const [oldest] = followed.keys();
    if (followed.size <= maxThreads || oldest === undefined) return;
    followed.get(oldest)?.unsubscribe();
    followed.delete(oldest);
    states.delete(oldest);
  }

  function show(state: ThreadState): void {
    const { id, parentId, children } = state;
    states.set(id, state);
    if (parentId !== null) parents.set(id, parentId);
    for (const child of children) parents.set(child.threadId, id);
    changed.next();
  }

  if (only !== undefined) follow(only);
  stream.on(ofPrefix('app_server.'), function followThread({ type, threadId, turnId }) {
    if (turnId !== null && /^app_server\.(item|turn)\./.test(type)) heard.set(turnId, true);
    if (threadId !== null) follow(threadId);
  });

  return {
    changed$: changed,
    states,
    isHeard: (turnId) => heard.has(turnId),
    depthOf(threadId) {
      let depth = 0;
      for (let id = threadId; id !== null && depth < 8; depth++) {
        const parent = parents.get(id);
        if (parent === undefined) break;
        id = parent;
      }
      return depth;
    },
  };
}
