import type { Incoming, NotificationParams } from '../../../protocol/index.js';
import { callId, cwd, itemId, model, threadId, timeMs, timeSeconds, turnId } from './ids.js';
import { completedItem, startedItem } from './items.js';

const turn: Incoming.Turn = {
  id: turnId,
  items: [],
  itemsView: 'notLoaded',
  status: 'inProgress',
  error: null,
  startedAt: timeSeconds,
  completedAt: null,
  durationMs: null,
};

const ofTurn = { threadId, turnId };
const ofItem = { ...ofTurn, itemId };
const ofCall = { ...ofTurn, itemId: callId };
const review = {
  ...ofTurn,
  reviewId: 'review-1',
  action: { type: 'command', source: 'shell', command: 'ls', cwd },
  startedAtMs: timeMs,
} as const;
const recovery = { ...ofTurn, provider: 'openai', message: 'Signing in again.' };

/** Turns and their items. */
export const turns = {
  'autoApprovalReview/strictReviewRequired': { ...ofTurn, startedAtMs: timeMs },
  error: {
    ...ofTurn,
    error: {
      message: 'The server is overloaded.',
      codexErrorInfo: 'serverOverloaded',
      additionalDetails: null,
    },
    willRetry: false,
  },
  'item/agentMessage/delta': { ...ofItem, delta: 'Hello' },
  'item/autoApprovalReview/completed': {
    ...review,
    review: { status: 'approved', riskLevel: 'low' },
    decisionSource: 'agent',
    completedAtMs: timeMs,
  },
  'item/autoApprovalReview/started': { ...review, review: { status: 'inProgress' } },
  'item/commandExecution/outputDelta': { ...ofCall, delta: 'README.md\n' },
  'item/commandExecution/terminalInteraction': { ...ofCall, processId: '1', stdin: 'y\n' },
  'item/completed': { ...ofTurn, item: completedItem('agentMessage'), completedAtMs: timeMs },
  'item/fileChange/outputDelta': { ...ofCall, delta: 'Success.\n' },
  'item/fileChange/patchUpdated': {
    ...ofCall,
    changes: [{ path: `${cwd}/new.txt`, kind: { type: 'add' }, diff: 'Hello\n' }],
  },
  'item/mcpToolCall/progress': { ...ofCall, message: 'Searching.' },
  'item/plan/delta': { ...ofItem, delta: '1. Say' },
  'item/reasoning/summaryPartAdded': { ...ofItem, summaryIndex: 0 },
  'item/reasoning/summaryTextDelta': { ...ofItem, summaryIndex: 0, delta: 'A greeting' },
  'item/reasoning/textDelta': { ...ofItem, contentIndex: 0, delta: 'A greeting' },
  'item/started': { ...ofTurn, item: startedItem('agentMessage'), startedAtMs: timeMs },
  'model/rerouted': {
    ...ofTurn,
    fromModel: model,
    toModel: 'gpt-5',
    reason: 'highRiskCyberActivity',
  },
  'model/safetyBuffering/updated': {
    ...ofTurn,
    model,
    showBufferingUi: true,
    reasons: ['cyber'],
    useCases: [],
  },
  'model/verification': { ...ofTurn, verifications: ['trustedAccessForCyber'] },
  'modelProvider/authRecoveryCompleted': recovery,
  'modelProvider/authRecoveryStarted': recovery,
  'turn/completed': {
    threadId,
    turn: { ...turn, status: 'completed', completedAt: timeSeconds, durationMs: 100 },
  },
  'turn/diff/updated': { ...ofTurn, diff: '--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+Hello\n' },
  'turn/moderationMetadata': { ...ofTurn, metadata: {} },
  'turn/plan/updated': {
    ...ofTurn,
    explanation: null,
    plan: [
      { step: 'Think', status: 'completed' },
      { step: 'Say hello', status: 'inProgress' },
    ],
  },
  'turn/started': { threadId, turn },
} satisfies Partial<NotificationParams>;
