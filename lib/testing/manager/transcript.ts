import { findThreadId } from '../../envelope/index.js';
import type { OpenRequest } from '../codex/requests.js';
import type { Members } from '../codex/thread.js';
import type { RequestKind } from './requests.js';

/** The transcripts of codex-manager's sessions: entries by their ids. */
export function createTranscript() {
  const threads = new Map<string, Map<string, Members>>();
  let calls = 0;

  function upsert(threadId: string, messageId: string, entry: Members): void {
    const entries = threads.get(threadId) ?? new Map<string, Members>();
    threads.set(threadId, entries);
    entries.set(messageId, { messageId, ...entries.get(messageId), ...entry });
  }

  /** The ids of tool calls get a number: those of Codex begin with 0 after each restart. */
  const ids = new Map<OpenRequest, string>();
  function idOf(kind: RequestKind, request: OpenRequest): string {
    const known = ids.get(request);
    if (known !== undefined) return known;
    const end = kind.entry === 'tool_call' ? `-${++calls}` : '';
    const id = `${kind.entry.replace('_', '-')}-${request.id}${end}`;
    ids.set(request, id);
    return id;
  }

  return {
    observe(method: string, params: Members, turnId: string | null): void {
      const { item } = params as { readonly item?: Members };
      const threadId = findThreadId({ params });
      const isOver = method === 'item/completed';
      if (!item || threadId === null || (!isOver && method !== 'item/started')) return;
      const id = String(item['id']);
      const before = threads.get(threadId)?.get(id);
      upsert(threadId, id, {
        turnId: params['turnId'] ?? turnId ?? 'turn',
        ...entryOf(item),
        status: isOver ? 'complete' : 'streaming',
        startedAt: before?.['startedAt'] ?? Date.now(),
        ...(isOver ? { completedAt: Date.now() } : {}),
      });
    },
    asked(kind: RequestKind, request: OpenRequest, payload: Members): void {
      upsert(request.threadId, idOf(kind, request), {
        turnId: request.turnId,
        role: 'system',
        type: `${kind.entry}.request`,
        content: payload['summary'],
        details: JSON.stringify(payload['details'], null, 2),
        startedAt: Date.now(),
        status: 'complete',
      });
    },
    resolved(kind: RequestKind, request: OpenRequest, settlement: Members): void {
      const { status, decision, success } = settlement;
      const how = success === undefined ? String(decision) : `success=${JSON.stringify(success)}`;
      const what = kind.entry.replace('_', ' ');
      const name = `${what[0]?.toUpperCase() ?? ''}${what.slice(1)}`;
      upsert(request.threadId, idOf(kind, request), {
        type: `${kind.entry}.resolved`,
        content: status === 'expired' ? `${name} expired` : `${name} resolved (${how})`,
        details: JSON.stringify(settlement, null, 2),
        completedAt: Date.now(),
      });
    },
    read: (threadId: string): readonly Members[] => [...(threads.get(threadId)?.values() ?? [])],
  };
}

/** The entry of an item. */
function entryOf(item: Members): Members {
  const { type, status } = item;
  const entry = (content: string) => ({
    role: 'system',
    type,
    content,
    details: JSON.stringify(item, null, 2),
  });
  switch (type) {
    case 'userMessage': {
      const content = item['content'] as readonly { readonly text?: string }[];
      const text = content.flatMap((part) => part.text ?? []).join('\n');
      return { role: 'user', type, content: text };
    }
    case 'agentMessage':
      return { role: 'assistant', type, content: item['text'] };
    case 'reasoning':
      return entry('Reasoning update');
    case 'commandExecution':
      return entry(`Command execution ${String(status)}: ${String(item['command'])}`);
    case 'fileChange': {
      const { length } = item['changes'] as readonly unknown[];
      return entry(`File change ${String(status)}: ${length} change${length === 1 ? '' : 's'}`);
    }
    default:
      return entry(`[${String(type)}]`);
  }
}
