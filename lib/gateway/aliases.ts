import { managerMethod } from '../manager/methods.js';
import type { LogEntry } from './log.js';
import { pendingPayload } from './pending.js';

interface Frame {
  readonly threadId: string | null;
  readonly payload: {
    readonly method: string;
    readonly params: unknown;
    readonly requestId: unknown;
    readonly context?: { readonly turnId?: string | null };
  };
}

/**
 * The event of codex-manager's own that announces a request too, such as `approval`: it has no
 * number; `null` for an entry that opens no request, or one that codex-manager cannot answer.
 */
export function aliasOf(entry: LogEntry): LogEntry | null {
  if (entry.requestKey === null) return null;
  const { threadId, payload } = JSON.parse(Buffer.from(entry.frame).toString()) as Frame;
  const { method, params, requestId, context } = payload;
  const known = managerMethod(method);
  if (!known) return null;
  const [type] = known.events;
  const facts = {
    id: String(requestId),
    method,
    params,
    threadId,
    turnId: context?.turnId ?? null,
    openedAt: entry.at,
  };
  const frame = JSON.stringify({ type, threadId, payload: pendingPayload(facts, known.list) });
  return { ...entry, type, requestKey: null, frame: Buffer.from(frame), seq: 0 };
}

/** Entries, and after each the event that says the same. */
export const withAliases = (entries: readonly LogEntry[]): readonly LogEntry[] =>
  entries.flatMap((entry) => {
    const alias = aliasOf(entry);
    return alias === null ? [entry] : [entry, alias];
  });
