import { idle, type CodexThread, type CodexTurn, type Members } from './thread.js';
import { statusOf, threadMembers, type CodexVersion } from './version.js';

/** Codex 0.107.0, as it was measured under codex-manager. */
export const codex0107: CodexVersion = {
  thread: (thread, withTurns = false) => ({
    ...threadMembers(thread, '0.107.0'),
    turns: withTurns ? turnsOf(thread) : [],
  }),
  turn: ({ id, status, error }) => ({ id, items: [], status, error }),
  item: ({ threadId, id: turnId }, item, _startedAtMs, completedAtMs) => [
    completedAtMs === undefined ? 'item/started' : 'item/completed',
    { item, threadId, turnId },
  ],
  created: (thread) => [
    statusOf(thread.id, idle),
    ['thread/started', { thread: codex0107.thread(thread) }],
  ],
  statusFirst: false,
  unread: () => [],
  failure: (message, codexErrorInfo) => ({ message, codexErrorInfo, additionalDetails: null }),
  lost: 'inProgress',
};

/** The items that `thread/read` returns, with their members; it has forgotten the others. */
const kept: Readonly<Record<string, readonly string[]>> = {
  userMessage: ['content'],
  agentMessage: ['text', 'phase'],
  reasoning: ['summary', 'content'],
};

/** It numbers the items of all turns anew, and a turn that failed reads as completed. */
function turnsOf({ turns }: CodexThread): readonly Members[] {
  let count = 0;
  const read = (item: Members): readonly Members[] => {
    const type = String(item['type']);
    const members = Object.hasOwn(kept, type) ? kept[type] : undefined;
    if (!members) return [];
    const values = members.map((member) => [member, item[member]]);
    return [{ type, id: `item-${++count}`, ...(Object.fromEntries(values) as Members) }];
  };
  return turns.map(({ id, items, status }: CodexTurn) => ({
    id,
    items: [...items.values()].flatMap(read),
    status: status === 'failed' ? 'completed' : status,
    error: null,
  }));
}
