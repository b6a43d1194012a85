import type { Loose } from '../envelope/index.js';
import { stringOf } from './loose.js';

/** The sub-agents that an item names. */
export function childrenOf(item: Loose | undefined): { threadId: string; path: string | null }[] {
  const { type, receiverThreadIds, agentThreadId, agentPath } = Object(item) as Record<
    string,
    unknown
  >;
  const isOld = type === 'collabAgentToolCall' && Array.isArray(receiverThreadIds);
  const ids = isOld
    ? (receiverThreadIds as unknown[])
    : type === 'subAgentActivity'
      ? [agentThreadId]
      : [];
  return ids
    .filter((id) => typeof id === 'string')
    .map((threadId) => ({ threadId, path: stringOf(agentPath) }));
}
