import type { NotificationParams } from '../../../protocol/index.js';
import { codexVersion } from './generated.js';
import { cwd, itemId, model, threadId, timeSeconds, turnId } from './ids.js';

const ofThread = { threadId };
const ofTurn = { threadId, turnId };
const environment = { threadId, environmentId: 'local' };
const run = {
  id: 'hook-1',
  displayOrder: 0,
  entries: [],
  eventName: 'preToolUse',
  executionMode: 'sync',
  handlerType: 'command',
  scope: 'turn',
  sourcePath: `${cwd}/.codex/hooks.json`,
  startedAt: timeSeconds,
  status: 'running',
} as const;
const tokens = {
  totalTokens: 120,
  inputTokens: 100,
  cachedInputTokens: 10,
  cacheWriteInputTokens: 0,
  outputTokens: 20,
  reasoningOutputTokens: 5,
};
const realtime = {
  type: 'transcriptSegment',
  id: itemId,
  realtimeSessionId: 'realtime-1',
  role: 'assistant',
  text: 'Hello',
} as const;

/** Threads, and what happens to them between and outside their turns. */
export const threads = {
  guardianWarning: { ...ofThread, message: 'This looks risky.' },
  'hook/completed': { ...ofTurn, run: { ...run, status: 'completed', durationMs: 5 } },
  'hook/started': { ...ofTurn, run },
  'serverRequest/resolved': { ...ofThread, requestId: 0 },
  'thread/archived': ofThread,
  'thread/attachment/updated': {
    ...ofThread,
    attachmentId: 'attachment-1',
    attachmentType: 'app',
    identityKey: 'app-1',
    operation: 'created',
  },
  'thread/closed': ofThread,
  'thread/compacted': ofTurn,
  'thread/deleted': ofThread,
  'thread/environment/connected': environment,
  'thread/environment/disconnected': environment,
  'thread/goal/cleared': ofThread,
  'thread/goal/updated': {
    ...ofTurn,
    goal: {
      ...ofThread,
      objective: 'Say hello.',
      status: 'active',
      createdAt: timeSeconds,
      updatedAt: timeSeconds,
      timeUsedSeconds: 0,
      tokensUsed: 0,
    },
  },
  'thread/name/updated': { ...ofThread, threadName: 'A greeting' },
  'thread/prediction/updated': {
    ...ofThread,
    sourceTurnId: turnId,
    result: { type: 'completed', text: 'Thank you.' },
  },
  'thread/project/updated': { ...ofThread, projectId: 'project-1' },
  'thread/queue/changed': ofThread,
  'thread/readState/changed': {
    ...ofThread,
    readState: { revision: 'revision-1', firstUnread: { type: 'turn', turnId } },
  },
  'thread/realtime/closed': { ...ofThread, reason: null },
  'thread/realtime/error': { ...ofThread, message: 'The microphone is gone.' },
  'thread/realtime/item/completed': { ...ofThread, item: realtime },
  'thread/realtime/item/started': { ...ofThread, item: { ...realtime, text: '' } },
  'thread/realtime/item/transcript/delta': { ...ofThread, itemId, delta: 'Hello' },
  'thread/realtime/itemAdded': { ...ofThread, item: {} },
  'thread/realtime/outputAudio/delta': {
    ...ofThread,
    audio: { data: 'aGVsbG8=', numChannels: 1, sampleRate: 24_000 },
  },
  'thread/realtime/sdp': { ...ofThread, sdp: 'v=0' },
  'thread/realtime/started': { ...ofThread, realtimeSessionId: 'realtime-1', version: 'v2' },
  'thread/realtime/transcript/delta': { ...ofThread, role: 'assistant', delta: 'Hello' },
  'thread/realtime/transcript/done': { ...ofThread, role: 'assistant', text: 'Hello' },
  'thread/reverted': ofThread,
  'thread/search/partial': { requestId: 1, data: [] },
  'thread/section/changed': { ...ofThread, sectionId: 'section-1' },
  'thread/settings/updated': {
    ...ofThread,
    threadSettings: {
      cwd,
      model,
      modelProvider: 'openai',
      approvalPolicy: 'on-request',
      approvalsReviewer: 'user',
      sandboxPolicy: { type: 'readOnly', networkAccess: false },
      collaborationMode: { mode: 'default', settings: { model } },
    },
  },
  'thread/started': {
    thread: {
      id: threadId,
      sessionId: threadId,
      cwd,
      model,
      modelProvider: 'openai',
      cliVersion: codexVersion,
      source: 'appServer',
      status: { type: 'idle' },
      preview: '',
      ephemeral: false,
      projectId: null,
      createdAt: timeSeconds,
      updatedAt: timeSeconds,
      turns: [],
    },
  },
  'thread/status/changed': { ...ofThread, status: { type: 'idle' } },
  'thread/tokenUsage/updated': {
    ...ofTurn,
    tokenUsage: { total: tokens, last: tokens, modelContextWindow: 258_400 },
  },
  'thread/unarchived': ofThread,
  warning: { ...ofThread, message: 'The model is unknown.' },
} satisfies Partial<NotificationParams>;
