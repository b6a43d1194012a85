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

/** Codex 0.107.0, as it was measured under codex-manager. */
export const codex0107: CodexVersion = {
  thread: (thread, withTurns = false) => ({
    id: thread.id,
    preview: thread.turns[0]?.text ?? '',
    ephemeral: false,
    modelProvider: 'mock',
    createdAt: seconds(thread.createdAt),
    updatedAt: seconds(thread.updatedAt),
    status: thread.isLoaded ? thread.status : { type: 'notLoaded' },
    path: `/codex-home/sessions/rollout-${thread.id}.jsonl`,
    cwd: thread.options['cwd'] ?? '/workspace',
    cliVersion: '0.107.0',
    source: 'vscode',
    agentNickname: null,
    agentRole: null,
    gitInfo: null,
    name: thread.name,
    turns: withTurns ? turnsOf(thread) : [],
  }),
  turn: ({ id, status, error }) => ({ id, items: [], status, error }),
  created: (thread) => [
    statusOf(thread.id, idle),
    ['thread/started', { thread: codex0107.thread(thread) }],
  ],
  begun(turn) {
    const { threadId, id: turnId, text } = turn;
    const item = { type: 'userMessage', id: `user-${turnId}`, content: userContent(text) };
    return [
      ['turn/started', { threadId, turn: codex0107.turn(turn) }],
      statusOf(threadId, active()),
      ['item/started', { item, threadId, turnId }],
      ['item/completed', { item, threadId, turnId }],
    ];
  },
  ended(turn) {
    const { threadId, id: turnId, status, error } = turn;
    const completed: Told = ['turn/completed', { threadId, turn: codex0107.turn(turn) }];
    return status === 'failed'
      ? [
          statusOf(threadId, { type: 'systemError' }),
          ['error', { error, willRetry: false, threadId, turnId }],
          completed,
        ]
      : [statusOf(threadId, idle), completed];
  },
  said({ threadId, id: turnId }, itemId, text) {
    const item = (said: string) => ({ type: 'agentMessage', id: itemId, text: said, phase: null });
    return [
      ['item/started', { item: item(''), threadId, turnId }],
      ...piecesOf(text).map((delta): Told => [
        'item/agentMessage/delta',
        { threadId, turnId, itemId, delta },
      ]),
      ['item/completed', { item: item(text), threadId, turnId }],
    ];
  },
  failure: (message, codexErrorInfo) => ({ message, codexErrorInfo, additionalDetails: null }),
  lost: 'inProgress',
};

/** What its thread/read knows of an item; the others it has forgotten. */
const kept: Readonly<Record<string, readonly string[]>> = {
  userMessage: ['content'],
  agentMessage: ['text', 'phase'],
  reasoning: ['summary', 'content'],
};

/** It numbers the items of all turns anew, and a turn that failed reads as completed. */
function turnsOf({ turns }: CodexThread): readonly Members[] {
  let items = 0;
  return turns.map(({ id, ...turn }) => ({
    id,
    items: [...turn.items.values()]
      .filter(({ type }) => Object.hasOwn(kept, String(type)))
      .map((item) => ({
        type: item['type'],
        id: `item-${++items}`,
        ...Object.fromEntries(
          (kept[String(item['type'])] ?? []).map((member) => [member, item[member]]),
        ),
      })),
    status: readStatus(turn),
    error: null,
  }));
}

const readStatus = ({ status }: Pick<CodexTurn, 'status'>): string =>
  status === 'failed' ? 'completed' : status;
