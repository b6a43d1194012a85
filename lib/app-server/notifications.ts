import type { NotificationParams } from '../protocol/index.js';

/**
 * Pieces of text as they come: leave them out (`optOut`) where no one watches an agent type. What
 * they add up to comes whole with `item/completed`.
 */
export const deltaNotifications: readonly (keyof NotificationParams)[] = [
  'item/agentMessage/delta',
  'item/commandExecution/outputDelta',
  'item/fileChange/outputDelta',
  'item/plan/delta',
  'item/reasoning/summaryPartAdded',
  'item/reasoning/summaryTextDelta',
  'item/reasoning/textDelta',
];

/** What is about the account, the machine and its settings, and not about what an agent does. */
export const housekeepingNotifications: readonly (keyof NotificationParams)[] = [
  'account/rateLimits/updated',
  'account/updated',
  'app/list/updated',
  'configWarning',
  'deprecationNotice',
  'fuzzyFileSearch/sessionCompleted',
  'fuzzyFileSearch/sessionUpdated',
  'remoteControl/status/changed',
  'skills/changed',
  'thread/readState/changed',
];
