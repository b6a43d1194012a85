import { defer, map, Subject, throwError, timer, type Observable } from 'rxjs';
import type { Envelope } from '../../envelope/index.js';
import type { RestAnswer } from '../../manager/rest.js';

/** A message that has come to the server. */
export interface SentMessage {
  readonly threadId: string;
  readonly text: string;
  /** The turn that it is added to; `null`: it starts one. */
  readonly steers: string | null;
}

interface Turn {
  status: string;
  /** Entries of the transcript by the ids of their items. */
  readonly entries: Map<unknown, object>;
}

/** The sessions of a codex-manager in virtual time: what the events of a diagram make of them. */
export interface MarbleSessions {
  /** Answers what is asked of a session; `null`: that is another route. */
  rest(path: string, json: string | undefined): Observable<RestAnswer> | null;
  readonly messages$: Observable<SentMessage>;
  /** Learns from an event, whether it comes through or not. */
  observe(event: Envelope): void;
}

/**
 * @param roundTrip How long a reply takes, in ms.
 * @param isAway Whether the server cannot be reached.
 * @param nextTurnId The id of the turn that a thread will begin next.
 */
export function createMarbleSessions(
  roundTrip: number,
  isAway: () => boolean,
  nextTurnId: (threadId: string) => string | undefined,
): MarbleSessions {
  const threads = new Map<string, Map<string, Turn>>();
  const statuses = new Map<string, unknown>();
  const messages = new Subject<SentMessage>();

  const turnsOf = (threadId: string) => threads.get(threadId) ?? new Map<string, Turn>();
  const runningOf = (threadId: string) =>
    [...turnsOf(threadId)].find(([, { status }]) => status === 'inProgress')?.[0];

  function read(threadId: string): RestAnswer {
    const turns = [...turnsOf(threadId)];
    const type = runningOf(threadId) === undefined ? 'idle' : 'active';
    const status = statuses.get(threadId) ?? { type, activeFlags: [] };
    const thread = {
      id: threadId,
      status,
      // One that failed reads as completed, as from the real server.
      turns: turns.map(([id, turn]) => ({ ...ended(id, turn), items: [], error: null })),
    };
    const transcript = turns.flatMap(([, { entries }]) => [...entries.values()]);
    return { status: 200, body: { session: { sessionId: threadId }, thread, transcript } };
  }

  function send(threadId: string, text: string): RestAnswer {
    messages.next({ threadId, text, steers: null });
    const turnId = nextTurnId(threadId) ?? `turn-${turnsOf(threadId).size + 1}`;
    return { status: 202, body: { status: 'accepted', sessionId: threadId, turnId } };
  }

  function steer(threadId: string, turnId: string, text: string): RestAnswer {
    if (runningOf(threadId) !== turnId) return { status: 409, body: { code: 'conflict' } };
    messages.next({ threadId, text, steers: turnId });
    return { status: 200, body: { status: 'ok', sessionId: threadId, turnId } };
  }

  function answer(path: string, json: string | undefined): RestAnswer | null {
    const [, , , session = '', action, encoded = ''] = path.split('/');
    const threadId = decodeURIComponent(session);
    const { text = '', input = '' } = JSON.parse(json ?? '{}') as { text?: string; input?: string };
    switch (`${json === undefined ? 'GET' : 'POST'} ${action ?? ''}`) {
      case 'GET ':
        return read(threadId);
      case 'POST messages':
        return send(threadId, text);
      case 'POST turns':
        return steer(threadId, decodeURIComponent(encoded), input);
      case 'POST interrupt':
        return runningOf(threadId) === undefined
          ? { status: 409, body: { status: 'no_active_turn', sessionId: threadId } }
          : { status: 200, body: { status: 'ok', sessionId: threadId } };
      default:
        return null;
    }
  }

  return {
    rest(path, json) {
      if (!/^\/api\/sessions\/[^/]+(\/(messages|interrupt|turns\/[^/]+\/steer))?$/.test(path)) {
        return null;
      }
      return defer(() => {
        if (isAway()) return throwError(() => new Error(`${path}: no answer.`));
        const reply = answer(path, json);
        return timer(roundTrip).pipe(map(() => reply as RestAnswer));
      });
    },
    messages$: messages.asObservable(),
    observe({ type, threadId, turnId, payload }) {
      if (threadId === null) return;
      const { params } = Object(payload) as { params?: Params };
      if (type === 'app_server.thread.status.changed') statuses.set(threadId, params?.status);
      if (turnId === null || !/^app_server\.(turn|item)\./.test(type)) return;
      const turns = turnsOf(threadId);
      threads.set(threadId, turns);
      const turn = turns.get(turnId) ?? { status: 'inProgress', entries: new Map() };
      turns.set(turnId, turn);
      if (type === 'app_server.turn.completed') turn.status = params?.turn?.status ?? 'completed';
      const { item } = Object(params) as Params;
      if (item) turn.entries.set(item['id'], entryOf(item, turnId, type.endsWith('completed')));
    },
  };
}

interface Params {
  readonly status?: unknown;
  readonly turn?: { readonly status?: string };
  readonly item?: Readonly<Record<string, unknown>>;
}

const ended = (id: string, { status }: Turn) => ({
  id,
  status: status === 'failed' ? 'completed' : status,
});

const entryOf = (item: Readonly<Record<string, unknown>>, turnId: string, isOver: boolean) => ({
  messageId: item['id'],
  turnId,
  role: item['type'] === 'userMessage' ? 'user' : 'assistant',
  type: item['type'],
  content: item['text'] ?? '',
  details: JSON.stringify(item),
  status: isOver ? 'complete' : 'streaming',
});
