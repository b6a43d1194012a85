import {
  createThreadFold,
  type ItemView,
  type ProtocolItem,
  type ThreadFold,
  type ThreadSnapshot,
} from 'codex-rx';
import { notification } from 'codex-rx/testing';

export const threadId = 'thread-1';

/** A fold that freezes what it hands out, as every spec wants it. */
export const frozenFold = (): ThreadFold => createThreadFold(threadId, { freeze: true });

export const turnStarted = (id = 'turn-1') =>
  notification('turn/started', { threadId, turn: { id, status: 'inProgress', items: [] } });

export const turnCompleted = (
  id = 'turn-1',
  status = 'completed',
  items: readonly ProtocolItem[] = [],
) => notification('turn/completed', { threadId, turn: { id, status, items: items } });

export const message = (id: string, text = '', times = {}): ProtocolItem => ({
  type: 'agentMessage',
  id,
  text,
  phase: null,
  ...times,
});

export const userMessage = (id: string, times = {}): ProtocolItem => ({
  type: 'userMessage',
  id,
  clientId: null,
  content: [],
  ...times,
});

export const command = (id: string, members = {}): ProtocolItem =>
  ({
    type: 'commandExecution',
    id,
    command: 'ls',
    cwd: '/',
    status: 'inProgress',
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
    processId: null,
    commandActions: [],
    ...members,
  }) as unknown as ProtocolItem;

export const started = (item: ProtocolItem, turnId = 'turn-1') =>
  notification('item/started', { threadId, turnId, item: item as never });

export const completed = (item: ProtocolItem, turnId = 'turn-1') =>
  notification('item/completed', { threadId, turnId, item: item as never });

export const delta = (itemId: string, text: string, turnId = 'turn-1') =>
  notification('item/agentMessage/delta', { threadId, turnId, itemId, delta: text });

export const output = (itemId: string, text: string, turnId = 'turn-1') =>
  notification('item/commandExecution/outputDelta', { threadId, turnId, itemId, delta: text });

/** A snapshot of turns, each with its items. */
export const snapshot = (
  turns: Record<string, readonly ProtocolItem[]>,
  status = 'completed',
  rest: Partial<ThreadSnapshot> = {},
): ThreadSnapshot => ({
  turns: Object.entries(turns).map(([id, items]) => ({ id, status, items })),
  ...rest,
});

/** Every item of a fold. */
export const itemsOf = (fold: ThreadFold): readonly ItemView[] =>
  fold.view().turns.flatMap(({ items }) => items);

export const texts = (fold: ThreadFold): readonly string[] => itemsOf(fold).map(({ text }) => text);

export const ids = (fold: ThreadFold): readonly string[] => itemsOf(fold).map(({ id }) => id);
