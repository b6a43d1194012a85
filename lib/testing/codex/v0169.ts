import type { CodexThread, CodexTurn, Members } from './thread.js';
import { seconds, threadMembers, type CodexVersion } from './version.js';

/** Codex 0.169.0, as it was measured as an app-server. */
export const codex0169: CodexVersion = {
  thread(thread, withTurns = false, waiting = new Set()) {
    const members = threadMembers(thread, '0.169.0');
    const { cwd, updatedAt } = members;
    return {
      ...members,
      environments: [{ environmentId: 'local', cwd, runtimeWorkspaceRoots: [cwd] }],
      extra: null,
      sessionId: thread.id,
      forkedFromId: null,
      attachedToThreadId: null,
      parentThreadId: null,
      section: null,
      sectionEnteredAt: null,
      projectId: null,
      historyMode: 'paginated',
      model: thread.options['model'] ?? 'gpt-5.5',
      reasoningEffort: null,
      recencyAt: updatedAt,
      originator: 'codex-rx-testing',
      canAcceptDirectInput: true,
      threadSource: null,
      daybreakEnabled: null,
      turns: withTurns ? thread.turns.map((turn) => fullTurn(turn, waiting)) : [],
    };
  },
  turn: (turn) =>
    turn.status === 'completed'
      ? turnWith(turn, messagesOf(turn).slice(-1), 'summary')
      : turnWith(turn, [], 'notLoaded'),
  item({ threadId, id: turnId }, { type, ...item }, startedAtMs, completedAtMs) {
    const unset = type === 'userMessage' ? { clientId: null } : unsetOfMessage;
    const times = { startedAtMs, completedAtMs: completedAtMs ?? null };
    const whole = { type, ...unset, ...item, ...times };
    const params = { item: whole, threadId, turnId };
    return completedAtMs === undefined
      ? ['item/started', { ...params, startedAtMs }]
      : ['item/completed', { ...params, contentTokenCount: null, completedAtMs }];
  },
  created: (thread) => [['thread/started', { thread: codex0169.thread(thread) }]],
  statusFirst: true,
  unread(turn, { unread }) {
    const { threadId, id: turnId, status } = turn;
    // Nothing is unread where nothing was said.
    if (status === 'interrupted' && messagesOf(turn).length === 0) return [];
    const firstUnread = unread ?? { type: 'turn', turnId };
    const readState = { firstUnread, revision: `revision-${turnId}` };
    return [['thread/readState/changed', { threadId, readState }]];
  },
  failure: (message, codexErrorInfo) => ({
    message,
    codexErrorInfo,
    additionalDetails: null,
    misalignment: null,
  }),
  lost: 'interrupted',
};

const unsetOfMessage = { moderation: null, memoryCitation: null, delivery: null, questions: null };

const turnWith = (
  { id, status, error, startedAt, completedAt }: CodexTurn,
  items: readonly Members[],
  itemsView: string,
): Members => ({
  id,
  rootTurnId: id,
  items,
  itemsView,
  status,
  error,
  startedAt: seconds(startedAt),
  completedAt: completedAt === null ? null : seconds(completedAt),
  durationMs: completedAt === null ? null : completedAt - startedAt,
});

/** A turn as the reply to `turn/start` shows it: it has not begun yet. */
export const acceptedTurn = (turn: CodexTurn): Members => ({
  ...turnWith(turn, [], 'notLoaded'),
  startedAt: null,
});

const isWhole = ({ completedAtMs }: Members): boolean => completedAtMs !== null;

/** The messages of the model that are complete. */
const messagesOf = ({ items }: CodexTurn): readonly Members[] =>
  [...items.values()].filter((item) => item['type'] === 'agentMessage' && isWhole(item));

/** Without a message that is still written, and a command that waits for an approval. */
function fullTurn(turn: CodexTurn, waiting: ReadonlySet<unknown>): Members {
  const isShown = (item: Members) =>
    item['type'] === 'agentMessage'
      ? isWhole(item)
      : item['type'] !== 'commandExecution' || !waiting.has(item['id']);
  return turnWith(turn, [...turn.items.values()].filter(isShown), 'full');
}

/** The settings that `thread/start` and `thread/resume` reply with the thread. */
export const threadSettings = (thread: CodexThread): Members => {
  const { cwd, model } = codex0169.thread(thread);
  return {
    model,
    modelProvider: 'mock',
    serviceTier: null,
    disabledPluginIds: [],
    cwd,
    runtimeWorkspaceRoots: [cwd],
    instructionSources: [],
    approvalPolicy: thread.options['approvalPolicy'] ?? 'on-request',
    approvalsReviewer: 'user',
    sandbox: { type: 'readOnly', networkAccess: false },
    activePermissionProfile: null,
    reasoningEffort: null,
    multiAgentMode: 'explicitRequestOnly',
  };
};
