import type { Loose } from '../envelope/index.js';

/** The sub-agents that an item names. */
export function childrenOf(item: Loose): { threadId: string; path: string | null }[] {
  const { type, receiverThreadIds, agentThreadId, agentPath } = item as Record<string, unknown>;
  const ids =
    type === 'collabAgentToolCall'
      ? receiverThreadIds
      : type === 'subAgentActivity' && [agentThreadId];
  const path = typeof agentPath === 'string' ? agentPath : null;
  return (Array.isArray(ids) ? (ids as unknown[]) : [])
    .filter((id) => typeof id === 'string')
    .map((threadId) => ({ threadId, path }));
}
