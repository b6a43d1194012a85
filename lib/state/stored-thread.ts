import type { Loose } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import { numberOf, stringOf } from './item-node.js';

/** A thread as a list of the server has it. */
export interface StoredThread {
  readonly id: string;
  readonly title: string | null;
  /** `null`: the server does not say. */
  readonly status: Incoming.ThreadStatus | null;
  readonly parentId: string | null;
  readonly updatedAtMs: number | null;
}

/** A thread of `codex app-server`. */
export const storedThread = (thread: Loose): StoredThread => ({
  id: stringOf(thread['id']) ?? '',
  title: textOf(thread['name']) ?? textOf(thread['preview']),
  status: (thread['status'] as Incoming.ThreadStatus | undefined) ?? null,
  parentId: stringOf(thread['parentThreadId']),
  updatedAtMs: msOf(thread['updatedAt']),
});

/** A session of codex-manager. */
export const storedSession = (session: Loose): StoredThread => ({
  id: stringOf(session['sessionId']) ?? '',
  title: textOf(session['title']),
  status: null,
  parentId: null,
  updatedAtMs: msOf(session['updatedAt']),
});

const textOf = (value: unknown): string | null => stringOf(value) || null;

/** Servers count these times in seconds. */
export const msOf = (seconds: unknown): number | null => {
  const number = numberOf(seconds);
  return number === null ? null : number * 1_000;
};
