import type { Loose } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import { msOf, stringOf } from './loose.js';
import type { SnapshotTurn, ThreadSnapshot } from './snapshot.js';
import type { ProtocolItem } from './thread-view.js';

/** A thread as a list of the server has it. */
export interface StoredThread {
  readonly id: string;
  readonly title: string | null;
  /** `null`: the server does not say. */
  readonly status: Incoming.ThreadStatus | null;
  readonly parentId: string | null;
  readonly updatedAtMs: number | null;
}

/** A thread of `codex app-server`, or a session of codex-manager. */
export const storedThread = (thread: Loose): StoredThread => ({
  id: stringOf(thread['id']) ?? stringOf(thread['sessionId']) ?? '',
  title: ['name', 'title', 'preview'].map((name) => stringOf(thread[name])).find(Boolean) ?? null,
  status: (thread['status'] as Incoming.ThreadStatus | undefined) ?? null,
  parentId: stringOf(thread['parentThreadId']),
  updatedAtMs: msOf(thread['updatedAt']),
});

/** What a thread says of itself: `undefined` is what it does not say. */
export function factsOf(
  thread: Loose | undefined,
): Pick<ThreadSnapshot, 'status' | 'name' | 'parentId'> {
  const { status, name, parentThreadId: parentId } = Object(thread) as Record<string, unknown>;
  return { status, name, parentId } as ReturnType<typeof factsOf>;
}

/** A turn without its items; without an id it is none. */
export const storedTurn = (turn: Loose | undefined): Omit<SnapshotTurn, 'items'> => ({
  id: stringOf(turn?.['id']) ?? '',
  status: stringOf(turn?.['status']) ?? 'completed',
  error: (turn?.['error'] as Incoming.TurnError | undefined) ?? null,
  startedAtMs: msOf(turn?.['startedAt']),
  completedAtMs: msOf(turn?.['completedAt']),
});

/** The items of a turn that have an id. */
export const storedItems = (turn: Loose | undefined): readonly ProtocolItem[] =>
  [turn?.['items']].flat().filter((item) => stringOf(item?.['id'])) as never;
