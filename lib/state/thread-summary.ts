import type { Incoming } from '../protocol/index.js';
import type { ThreadRequest } from './thread-requests.js';

/** What a dashboard shows of a thread. */
export interface ThreadSummary {
  readonly id: string;
  /** Its name, or how its first message begins. */
  readonly title: string | null;
  /** `null`: neither the server's list nor an event has said it. */
  readonly status: Incoming.ThreadStatus | null;
  /** What it needs: the list is sorted by this, and then by the last activity. */
  readonly need: ThreadNeed;
  /** What it waits for, and what its sub-agents wait for. */
  readonly requests: readonly ThreadRequest[];
  /** The turn that runs; `null` if none does, or its start was not heard. */
  readonly turn: { readonly id: string; readonly startedAtMs: number } | null;
  /** When the server or an event named it last: milliseconds since the epoch. */
  readonly lastActivityAtMs: number | null;
  /** The thread whose sub-agent it is. */
  readonly parentId: string | null;
}

/**
 * `waiting`: for an answer, its own or a sub-agent's; `failed`: its last turn; `running`; `idle`:
 * nothing.
 */
export type ThreadNeed = 'waiting' | 'failed' | 'running' | 'idle';

const needs: readonly ThreadNeed[] = ['waiting', 'failed', 'running', 'idle'];

/** What a thread needs, as far as it is known. */
export function needOf({
  status,
  turn,
  requests,
  hasFailed,
}: Pick<ThreadSummary, 'status' | 'turn' | 'requests'> & {
  readonly hasFailed: boolean;
}): ThreadNeed {
  const flags = status && 'activeFlags' in status ? status.activeFlags : [];
  if (requests.length > 0 || flags.length > 0) return 'waiting';
  if (turn || status?.type === 'active') return 'running';
  return hasFailed || status?.type === 'systemError' ? 'failed' : 'idle';
}

/** Those that need somebody first, the latest activity first among equals. */
export const byNeed = (a: ThreadSummary, b: ThreadSummary): number =>
  needs.indexOf(a.need) - needs.indexOf(b.need) ||
  (b.lastActivityAtMs ?? 0) - (a.lastActivityAtMs ?? 0);
