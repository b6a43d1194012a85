import type { Loose } from '../envelope/index.js';
import { stringOf } from './loose.js';

/** The sub-agents that an item names. */
export function childrenOf(item: Loose | undefined): { threadId: string; path: string | null }[] {
  const { receiverThreadIds, agentThreadId, agentPath } = Object(item) as Record<string, unknown>;
  return [receiverThreadIds, agentThreadId]
    .flat()
    .filter((id) => typeof id === 'string')
    .map((threadId) => ({ threadId, path: stringOf(agentPath) }));
}
