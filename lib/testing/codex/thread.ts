/** The members of a JSON object. */
export type Members = Readonly<Record<string, unknown>>;

/** A thread of a fake Codex. */
export interface CodexThread {
  readonly id: string;
  /** What it was started with: the parameters of `thread/start`, its dynamic tools among them. */
  readonly options: Members;
  /** In milliseconds since 1970, like all times here. */
  readonly createdAt: number;
  updatedAt: number;
  name: string | null;
  status: object;
  isLoaded: boolean;
  readonly turns: CodexTurn[];
  /** The turn that runs; the others are over, or were lost in a restart. */
  running: CodexTurn | null;
  /** The params of the last `thread/tokenUsage/updated`. */
  usage: Members | null;
  /** The first turn that is unread. */
  unread: Members | null;
}

export interface CodexTurn {
  readonly id: string;
  readonly threadId: string;
  /** What the user said. */
  text: string;
  /** How the client names what the user said. */
  clientId: string | null;
  readonly startedAt: number;
  completedAt: number | null;
  status: string;
  error: unknown;
  /** Its items as they were last announced, by their ids. */
  readonly items: Map<unknown, Members>;
  /** Aborted when it ends, however. */
  readonly end: AbortController;
}

export const idle = { type: 'idle' };

export const createThread = (id: string, options: Members): CodexThread => ({
  id,
  options,
  createdAt: Date.now(),
  updatedAt: Date.now(),
  name: null,
  status: idle,
  isLoaded: true,
  turns: [],
  running: null,
  usage: null,
  unread: null,
});

export function beginTurn(thread: CodexThread, id: string, text: string): CodexTurn {
  const known = turnOf(thread, id);
  if (known) {
    // It was announced before the call that starts it was read.
    known.text = text;
    return known;
  }
  const turn: CodexTurn = {
    id,
    threadId: thread.id,
    text,
    clientId: null,
    startedAt: Date.now(),
    completedAt: null,
    status: 'inProgress',
    error: null,
    items: new Map(),
    end: new AbortController(),
  };
  thread.turns.push(turn);
  // A message that arrives while a turn runs becomes part of that turn.
  thread.running ??= turn;
  thread.updatedAt = turn.startedAt;
  return turn;
}

/** Learns from a notification about a thread. Returns the turn that it ends, if any. */
export function observe(
  thread: CodexThread,
  method: string,
  params: Members,
): CodexTurn | undefined {
  const { turn, item } = params as { readonly turn?: Members; readonly item?: Members };
  switch (method) {
    case 'thread/name/updated':
      thread.name = (params['threadName'] ?? null) as string | null;
      break;
    case 'thread/status/changed':
      thread.status = params['status'] as object;
      break;
    case 'thread/tokenUsage/updated':
      thread.usage = params;
      break;
    case 'thread/readState/changed':
      thread.unread = (params['readState'] as { firstUnread: Members | null }).firstUnread;
      break;
    case 'item/started':
    case 'item/completed':
      if (item) turnOf(thread, params['turnId'])?.items.set(item['id'], item);
      break;
    case 'turn/started':
      if (typeof turn?.['id'] === 'string') {
        beginTurn(thread, turn['id'], turnOf(thread, turn['id'])?.text ?? '');
      }
      break;
    case 'turn/completed': {
      const over = turnOf(thread, turn?.['id']);
      if (!over) return undefined;
      over.status = String(turn?.['status']);
      over.error = turn?.['error'] ?? null;
      over.completedAt = thread.updatedAt = Date.now();
      if (thread.running === over) thread.running = null;
      return over;
    }
  }
  return undefined;
}

const turnOf = ({ turns }: CodexThread, turnId: unknown): CodexTurn | undefined =>
  turns.find(({ id }) => id === turnId);
