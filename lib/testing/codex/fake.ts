import { Subject } from 'rxjs';
import { findThreadId } from '../../envelope/index.js';
import { nextOf } from '../servers/next-of.js';
import type { FakeAnswer } from './answer.js';
import { createFakeTurn, playTurn, type FakeTurn, type TurnScript } from './turn.js';
import { createCodexRequests, type OpenRequest } from './requests.js';
import { beginTurn, createThread, idle, observe } from './thread.js';
import type { CodexThread, CodexTurn, Members } from './thread.js';
import {
  active,
  begun,
  ended,
  statusOf,
  userSaid,
  type CodexVersion,
  type Notification,
} from './version.js';

/** The options that both fake servers have. */
export interface CodexOptions {
  /**
   * What the model does in each turn that a client starts. Without it, a turn does what the test
   * says, and lasts until then.
   */
  readonly turn?: TurnScript;
  /**
   * Whether threads, turns and open requests are announced as they change. `false` is for a
   * recording, which has all announcements: then only what the test sends is sent.
   *
   * @default true
   */
  readonly announces?: boolean;
  /**
   * Names new threads and turns.
   *
   * @default `thread-1`, `turn-1` and so on.
   */
  readonly newId?: (kind: 'thread' | 'turn') => string;
}

export const codexOptionNames = [
  'turn',
  'announces',
  'newId',
] as const satisfies readonly (keyof CodexOptions)[];

/** What a test does with the Codex of a fake server. */
export interface CodexControls {
  /** The dynamic tools that a thread was started with. */
  tools(threadId: string): readonly unknown[];
  /** Starts a turn as if another client had. No script plays it. */
  startTurn(threadId: string, text?: string): FakeTurn;
  /** Resolves with the next turn that a client starts. */
  turnStarted(): Promise<FakeTurn>;
}

/** The server in front of a fake Codex, which passes on what Codex sends. */
export interface CodexOutlet {
  notify(threadId: string | null, method: string, params: Members): void;
  ask(request: OpenRequest): void;
}

export type FakeCodex = ReturnType<typeof createFakeCodex>;

/** The Codex of both fake servers: its threads, turns and requests, and their notifications. */
export function createFakeCodex(
  version: CodexVersion,
  outlet: CodexOutlet,
  { turn: script, announces = true, newId = countedIds() }: CodexOptions,
) {
  const threads = new Map<string, CodexThread>();
  const requests = createCodexRequests();
  const started = new Subject<FakeTurn>();
  let recordings = announces ? 0 : 1;

  function notify(threadId: string | null, method: string, given: object = {}): void {
    const isNamed = findThreadId({ params: given }) !== null || /^(account|app)\//.test(method);
    const params = (isNamed || threadId === null ? given : { threadId, ...given }) as Members;
    const thread = threads.get(String(findThreadId({ params })));
    const over = thread && observe(thread, method, params);
    outlet.notify(threadId, method, params);
    if (!over) return;
    for (const request of requests.open.values()) if (request.turnId === over.id) settle(request);
    over.end.abort();
  }

  /** Sends what Codex announces by itself, unless a recording does. */
  function announce(notifications: readonly Notification[]): void {
    if (recordings > 0) return;
    for (const [method, params] of notifications) notify(findThreadId({ params }), method, params);
  }

  /** The end of a tool call is not announced. */
  function settle({ id, threadId, method }: OpenRequest): void {
    requests.close(id);
    if (method !== 'item/tool/call') {
      announce([['serverRequest/resolved', { threadId, requestId: id }]]);
    }
  }

  /** Announces what a thread waits for, if that has changed. */
  function refresh(threadId: string): void {
    const thread = threads.get(threadId);
    if (!thread?.running) return;
    const status = active(requests.flags(threadId));
    if (JSON.stringify(status) !== JSON.stringify(thread.status)) {
      announce([statusOf(threadId, status)]);
    }
  }

  function end(turn: CodexTurn, status: string, error: unknown = null): void {
    if (turn.end.signal.aborted) return;
    const over = { ...turn, status, error, completedAt: Date.now() };
    for (const [method, params] of ended(version, over, threadOf(turn.threadId))) {
      notify(turn.threadId, method, params);
    }
  }

  /** The thread; it is created if there is none. */
  function threadOf(threadId: string): CodexThread {
    const thread = threads.get(threadId) ?? createThread(threadId, {});
    threads.set(threadId, thread);
    return thread;
  }

  /** Creates a turn, and a thread if there is none, without an announcement. */
  function createTurn(threadId: string, text: string): CodexTurn {
    const thread = threadOf(threadId);
    thread.isLoaded = true;
    return beginTurn(thread, newId('turn'), text);
  }

  /** Announces that a turn has begun. */
  function begin(turn: CodexTurn): FakeTurn {
    announce(begun(version, turn));
    return createFakeTurn(turn, version, { notify, request, end });
  }

  function interrupt(turn: CodexTurn): void {
    if (recordings === 0) end(turn, 'interrupted');
  }

  const request = (
    threadId: string,
    method: string,
    given: object = {},
    id?: number,
  ): Promise<FakeAnswer> =>
    new Promise((answer) => {
      const { turnId = threads.get(threadId)?.running?.id ?? null } = given as {
        turnId?: string | null;
      };
      const params = { threadId, ...(turnId === null ? {} : { turnId }), ...given };
      const request = requests.add({ threadId, turnId, method, params, answer }, id);
      refresh(threadId);
      outlet.ask(request);
    });

  return {
    threads: threads as ReadonlyMap<string, CodexThread>,
    requests,
    /** Whether it sends notifications by itself. */
    get announces() {
      return recordings === 0;
    },
    thread: threadOf,
    /** The dynamic tools that a thread was started with. */
    tools: (threadId: string) =>
      (threads.get(threadId)?.options['dynamicTools'] ?? []) as readonly unknown[],
    /** Creates a thread without an announcement. */
    createThread(options: Members): CodexThread {
      const thread = createThread(newId('thread'), options);
      threads.set(thread.id, thread);
      return thread;
    },
    createTurn,
    /** Adds what the user said to a turn that runs. */
    steer(turn: CodexTurn, text: string, clientId: string | null = null): void {
      announce(userSaid(version, turn, text, clientId));
    },
    /** Starts a turn that no script plays. */
    startTurn: (threadId: string, text = '') => begin(createTurn(threadId, text)),
    /** Announces that a turn has begun, and lets the script play it, if there is one. */
    run(turn: CodexTurn): void {
      const played = begin(turn);
      started.next(played);
      if (script) playTurn(played, script);
    },
    /** Resolves with the next turn that is run. */
    turnStarted: () => nextOf(started),
    interrupt,
    announce,
    notify,
    request,
    /** Answers a request, if it is open. */
    answer(id: number, answer: FakeAnswer): void {
      const request = requests.open.get(id);
      if (!request) return;
      settle(request);
      refresh(request.threadId);
      request.answer(answer);
      const running = threads.get(request.threadId)?.running;
      if (running && isCancel(answer)) interrupt(running);
    },
    /** Deletes a thread, with its turns and requests, without an announcement. */
    forget(threadId: string): void {
      for (const request of requests.open.values()) {
        if (request.threadId === threadId) requests.close(request.id);
      }
      threads.get(threadId)?.running?.end.abort();
      threads.delete(threadId);
    },
    /** Ends Codex: all turns and requests are lost, and the next request has the id 0. */
    lose(): void {
      requests.reset();
      for (const thread of threads.values()) {
        const { running } = thread;
        Object.assign(thread, { isLoaded: false, status: idle, running: null });
        if (!running) continue;
        running.status = version.lost;
        running.end.abort();
      }
    },
    /** Announces nothing by itself until a recording has ended. */
    async quietly(recording: () => Promise<void>): Promise<void> {
      recordings++;
      try {
        await recording();
      } finally {
        recordings--;
      }
    },
  };
}

/** To cancel an approval interrupts the turn. */
const isCancel = (answer: FakeAnswer): boolean =>
  'result' in answer &&
  (answer.result as { readonly decision?: unknown } | null)?.decision === 'cancel';

function countedIds(): (kind: 'thread' | 'turn') => string {
  const counts = { thread: 0, turn: 0 };
  return (kind) => `${kind}-${++counts[kind]}`;
}
