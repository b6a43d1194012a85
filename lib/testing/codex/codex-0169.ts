import { idle, type CodexThread, type CodexTurn, type Members } from './thread.js';
import {
  active,
  piecesOf,
  seconds,
  statusOf,
  userContent,
  type CodexVersion,
  type Told,
} from './version.js';

/** Codex 0.169.0, as it was measured as an app-server. */
export const codex0169: CodexVersion = {
  thread(thread, withTurns = false, waiting = new Set()) {
    const cwd = thread.options['cwd'] ?? '/workspace';
    const updatedAt = seconds(thread.updatedAt);
    return {
      id: thread.id,
      environments: [{ environmentId: 'local', cwd, runtimeWorkspaceRoots: [cwd] }],
      extra: null,
      sessionId: thread.id,
      forkedFromId: null,
      attachedToThreadId: null,
      parentThreadId: null,
      preview: thread.turns[0]?.text ?? '',
      ephemeral: false,
      section: null,
      sectionEnteredAt: null,
      projectId: null,
      historyMode: 'paginated',
      modelProvider: 'mock',
      model: thread.options['model'] ?? 'gpt-5.5',
      reasoningEffort: null,
      createdAt: seconds(thread.createdAt),
      updatedAt,
      recencyAt: updatedAt,
      status: thread.isLoaded ? thread.status : { type: 'notLoaded' },
      path: `/codex-home/sessions/rollout-${thread.id}.jsonl`,
      cwd,
      cliVersion: '0.169.0',
      originator: 'codex-rx-testing',
      source: 'vscode',
      canAcceptDirectInput: true,
      threadSource: null,
      agentNickname: null,
      agentRole: null,
      gitInfo: null,
      name: thread.name,
      daybreakEnabled: null,
      turns: withTurns ? thread.turns.map((turn) => fullTurn(turn, waiting)) : [],
    };
  },
  turn: (turn) => turnWith(turn, [], 'notLoaded', seconds(turn.startedAt)),
  created: (thread) => [['thread/started', { thread: codex0169.thread(thread) }]],
  begun(turn) {
    const { threadId, id: turnId, text, startedAt } = turn;
    const item = (completedAtMs: number | null) => ({
      type: 'userMessage',
      id: `user-${turnId}`,
      clientId: null,
      content: userContent(text),
      startedAtMs: startedAt,
      completedAtMs,
    });
    return [
      statusOf(threadId, active()),
      ['turn/started', { threadId, turn: codex0169.turn(turn) }],
      ...itemTold(threadId, turnId, item, startedAt),
    ];
  },
  ended(turn, { unread }) {
    const { threadId, id: turnId, status, error } = turn;
    const firstUnread = unread ?? { type: 'turn', turnId };
    const messages = [...turn.items.values()].filter(isMessage);
    const readState: Told = [
      'thread/readState/changed',
      { threadId, readState: { firstUnread, revision: `revision-${turnId}` } },
    ];
    if (status === 'interrupted') {
      return [
        // There is nothing to read where nothing was said.
        ...(messages.length === 0 ? [] : [readState]),
        statusOf(threadId, idle),
        ['turn/completed', { threadId, turn: codex0169.turn(turn) }],
      ];
    }
    if (status === 'failed') {
      return [
        statusOf(threadId, { type: 'systemError' }),
        ['error', { error, willRetry: false, threadId, turnId }],
        readState,
        ['turn/completed', { threadId, turn: codex0169.turn(turn) }],
      ];
    }
    const completed = turnWith(turn, messages.slice(-1), 'summary', seconds(turn.startedAt));
    return [readState, statusOf(threadId, idle), ['turn/completed', { threadId, turn: completed }]];
  },
  said({ threadId, id: turnId }, itemId, text) {
    const startedAtMs = Date.now();
    const item = (completedAtMs: number | null) => ({
      type: 'agentMessage',
      moderation: null,
      id: itemId,
      text: completedAtMs === null ? '' : text,
      phase: null,
      memoryCitation: null,
      delivery: null,
      questions: null,
      startedAtMs,
      completedAtMs,
    });
    const [started, completed] = itemTold(threadId, turnId, item, startedAtMs);
    return [
      started,
      ...piecesOf(text).map((delta): Told => [
        'item/agentMessage/delta',
        { threadId, turnId, itemId, delta },
      ]),
      completed,
    ];
  },
  failure: (message, codexErrorInfo) => ({
    message,
    codexErrorInfo,
    additionalDetails: null,
    misalignment: null,
  }),
  lost: 'interrupted',
};

const itemTold = (
  threadId: string,
  turnId: string,
  item: (completedAtMs: number | null) => Members,
  startedAtMs: number,
): readonly [Told, Told] => {
  const completedAtMs = Date.now();
  const ids = { threadId, turnId };
  return [
    ['item/started', { item: item(null), ...ids, startedAtMs }],
    [
      'item/completed',
      { item: item(completedAtMs), ...ids, contentTokenCount: null, completedAtMs },
    ],
  ];
};

const turnWith = (
  { id, status, error, startedAt, completedAt }: CodexTurn,
  items: readonly Members[],
  itemsView: string,
  begun: number | null,
): Members => ({
  id,
  rootTurnId: id,
  items,
  itemsView,
  status,
  error,
  startedAt: begun,
  completedAt: completedAt === null ? null : seconds(completedAt),
  durationMs: completedAt === null ? null : completedAt - startedAt,
});

/** A turn as the reply to `turn/start` shows it: it has not begun yet. */
export const acceptedTurn = (turn: CodexTurn): Members => turnWith(turn, [], 'notLoaded', null);

/** Whether an item is a message of the model, as it was completed. */
const isMessage = ({ type, completedAtMs }: Members): boolean =>
  type === 'agentMessage' && completedAtMs !== null;

/** A message that is still being written, and a command that waits for an approval, are not told. */
const fullTurn = (turn: CodexTurn, waiting: ReadonlySet<unknown>): Members =>
  turnWith(
    turn,
    [...turn.items.values()].filter(
      (item) =>
        (item['type'] !== 'agentMessage' || isMessage(item)) &&
        (item['type'] !== 'commandExecution' || !waiting.has(item['id'])),
    ),
    'full',
    seconds(turn.startedAt),
  );

/** What `thread/start` and `thread/resume` reply beside the thread. */
export const threadSettings = (thread: CodexThread): Members => {
  const { cwd, model } = codex0169.thread(thread);
  const { options } = thread;
  return {
    model,
    modelProvider: 'mock',
    serviceTier: null,
    disabledPluginIds: [],
    cwd,
    runtimeWorkspaceRoots: [cwd],
    instructionSources: [],
    approvalPolicy: options['approvalPolicy'] ?? 'on-request',
    approvalsReviewer: 'user',
    sandbox: { type: 'readOnly', networkAccess: false },
    activePermissionProfile: null,
    reasoningEffort: null,
    multiAgentMode: 'explicitRequestOnly',
  };
};
