import type { Loose } from '../envelope/index.js';
import { listOf, numberOf, stringOf } from './loose.js';
import type { SnapshotTurn, ThreadSnapshot } from './snapshot.js';
import { factsOf, storedItems, storedTurn } from './stored.js';
import type { ProtocolItem } from './thread-view.js';

/** What `thread/resume` or `thread/read` of `codex app-server` says of a thread. */
export function snapshotOfThread(value: unknown): ThreadSnapshot {
  const thread = Object(value) as Loose;
  return {
    ...factsOf(thread),
    turns: listOf(thread['turns']).map((turn) => ({
      ...storedTurn(turn),
      items: storedItems(turn),
    })),
  };
}

/**
 * What `GET /api/sessions/:id` of codex-manager says: the items are those of the transcript, whose
 * ids are the ids of the stream, and not those of the turns, which are counted anew.
 */
export function snapshotOfTranscript(value: unknown): ThreadSnapshot {
  const { thread, transcript } = Object(value) as Loose;
  const items = new Map<string, ProtocolItem[]>();
  for (const entry of listOf(transcript)) {
    const turnId = stringOf(entry['turnId']);
    const item = turnId === null ? null : itemOf(entry);
    if (item) items.set(turnId as string, [...(items.get(turnId as string) ?? []), item]);
  }
  const isActive = stringOf(thread?.['status']?.['type']) === 'active';
  const turns = listOf(thread?.['turns'])
    .map((turn): SnapshotTurn => ({
      ...storedTurn(turn),
      items: items.get(stringOf(turn['id']) ?? '') ?? [],
    }))
    // The id of a message that was sent to a busy thread is announced, and never ends.
    .filter(({ status, items }) => status !== 'inProgress' || isActive || items.length > 0);
  const known = new Set(turns.map(({ id }) => id));
  const others = [...items].filter(([id]) => !known.has(id));
  return {
    ...factsOf(thread),
    turns: [...turns, ...others.map(([id, items]) => ({ id, status: 'inProgress', items }))],
  };
}

/** Entries of a transcript that are no items of the stream: approvals, tool calls and their inputs. */
const notes = /^(approval|tool-call|tool-input)-/;

/** The item of an entry; `null` for one that is none, or is still being written. */
function itemOf(entry: Loose): ProtocolItem | null {
  const id = stringOf(entry['messageId']);
  if (id === null || notes.test(id) || stringOf(entry['status']) === 'streaming') return null;
  const times = {
    startedAtMs: numberOf(entry['startedAt']),
    completedAtMs: numberOf(entry['completedAt']),
  };
  const content = stringOf(entry['content']) ?? '';
  const type = stringOf(entry['type']);
  const details = parse(stringOf(entry['details']));
  const own =
    details ??
    (type === 'userMessage'
      ? { content: [{ type: 'text', text: content, text_elements: [] }], clientId: null }
      : { text: content, phase: null });
  return { ...own, type, id, ...times } as unknown as ProtocolItem;
}

function parse(details: string | null): object | null {
  if (details === null) return null;
  try {
    const value: unknown = JSON.parse(details);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
