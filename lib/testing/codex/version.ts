import { idle, type CodexThread, type CodexTurn, type Members } from './thread.js';

/** A notification: its method and its params. */
export type Notification = readonly [method: string, params: Members];

/** What differs between the versions of Codex that were measured. */
export interface CodexVersion {
  /**
   * @param withTurns Whether its turns are part of it.
   * @param waiting The items that wait for an approval.
   */
  thread(thread: CodexThread, withTurns?: boolean, waiting?: ReadonlySet<unknown>): Members;
  turn(turn: CodexTurn): Members;
  /** Announces an item as started, or as completed at a time. */
  item(turn: CodexTurn, item: Members, startedAtMs: number, completedAtMs?: number): Notification;
  /** Announces a new thread. */
  created(thread: CodexThread): readonly Notification[];
  /** Whether a turn is announced after the status of its thread. */
  readonly statusFirst: boolean;
  /** Announces what is unread after a turn. */
  unread(turn: CodexTurn, thread: CodexThread): readonly Notification[];
  /** The error of a turn that failed. */
  failure(message: string, codexErrorInfo: unknown): Members;
  /** The status reported for a turn that was running when Codex died. */
  readonly lost: string;
}

export const active = (activeFlags: readonly string[] = []): Members => ({
  type: 'active',
  activeFlags,
});

export const statusOf = (threadId: string, status: object): Notification => [
  'thread/status/changed',
  { threadId, status },
];

export const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** The members of a thread that all versions have. */
export const threadMembers = (thread: CodexThread, cliVersion: string): Members => ({
  id: thread.id,
  preview: thread.turns[0]?.text ?? '',
  ephemeral: false,
  modelProvider: 'mock',
  createdAt: seconds(thread.createdAt),
  updatedAt: seconds(thread.updatedAt),
  status: thread.isLoaded ? thread.status : { type: 'notLoaded' },
  path: `/codex-home/sessions/rollout-${thread.id}.jsonl`,
  cwd: thread.options['cwd'] ?? '/workspace',
  cliVersion,
  source: 'vscode',
  agentNickname: null,
  agentRole: null,
  gitInfo: null,
  name: thread.name,
});

/** Announces that a turn has begun, and what the user said. */
export function begun(version: CodexVersion, turn: CodexTurn): readonly Notification[] {
  const { threadId, text, clientId } = turn;
  const started: Notification = ['turn/started', { threadId, turn: version.turn(turn) }];
  const status = statusOf(threadId, active());
  return [
    ...(version.statusFirst ? [status, started] : [started, status]),
    ...userSaid(version, turn, text, clientId),
  ];
}

/** Announces what the user said, as a turn begins or while it runs. */
export function userSaid(
  version: CodexVersion,
  turn: CodexTurn,
  text: string,
  clientId: string | null,
): readonly Notification[] {
  const content = [{ type: 'text', text, text_elements: [] }];
  const count = [...turn.items.values()].filter(({ type }) => type === 'userMessage').length;
  const item = {
    type: 'userMessage',
    id: `user-${turn.id}${count === 0 ? '' : `-${count}`}`,
    ...(clientId !== null && { clientId }),
    content,
  };
  const startedAt = count === 0 ? turn.startedAt : Date.now();
  return [version.item(turn, item, startedAt), version.item(turn, item, startedAt, Date.now())];
}

/** Announces a message of the model: a delta for each word. */
export function said(
  version: CodexVersion,
  turn: CodexTurn,
  itemId: string,
  text: string,
): readonly Notification[] {
  const { threadId, id: turnId } = turn;
  const startedAt = Date.now();
  const message = (text: string) => ({ type: 'agentMessage', id: itemId, text, phase: null });
  const pieces = text.match(/\s*\S+\s*/g) ?? [text];
  return [
    version.item(turn, message(''), startedAt),
    ...pieces.map((delta): Notification => [
      'item/agentMessage/delta',
      { threadId, turnId, itemId, delta },
    ]),
    version.item(turn, message(text), startedAt, Date.now()),
  ];
}

/** Announces that a turn is over: its status and its error are set. */
export function ended(
  version: CodexVersion,
  turn: CodexTurn,
  thread: CodexThread,
): readonly Notification[] {
  const { threadId, id: turnId, status, error } = turn;
  const unread = version.unread(turn, thread);
  const completed: Notification = ['turn/completed', { threadId, turn: version.turn(turn) }];
  if (status !== 'failed') return [...unread, statusOf(threadId, idle), completed];
  const failure: Notification = ['error', { error, willRetry: false, threadId, turnId }];
  return [statusOf(threadId, { type: 'systemError' }), failure, ...unread, completed];
}
