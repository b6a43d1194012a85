import { Subject } from 'rxjs';
import { findThreadId } from '../../envelope/index.js';
import { nextOf } from '../servers/next-of.js';
import { createCodexRequests, type CodexRequests, type OpenRequest } from './requests.js';
import {
  beginTurn,
  createThread,
  idle,
  observe,
  type CodexThread,
  type CodexTurn,
  type Members,
} from './thread.js';
import { active, statusOf, type CodexVersion, type Told } from './version.js';
import type { FakeAnswer } from './fake-answer.js';
import { createFakeTurn, playTurn, type FakeTurn, type TurnScript } from './fake-turn.js';

/** What both fake servers take. */
export interface CodexOptions {
  /**
   * What the model does in each turn that a client starts. Without it, a turn does what the test
   * says, and lasts until then.
   */
  readonly turn?: TurnScript;
  /**
   * Whether threads, turns and what they wait for are told of as they change. Default: true.
   * `false` for a recording, which tells it all: then nothing comes but what the test sends.
   */
  readonly announces?: boolean;
  /** Names new threads and turns. Default: `thread-1`, `turn-1` and so on. */
  readonly newId?: (kind: 'thread' | 'turn') => string;
}

/** The server in front of a fake Codex, which passes on what that says. */
export interface CodexOutlet {
  notified(threadId: string | null, method: string, params: Members): void;
  asked(request: OpenRequest): void;
}

/** The Codex of both fake servers: its threads, turns and requests, and what is told of them. */
export interface FakeCodex {
  readonly threads: ReadonlyMap<string, CodexThread>;
  readonly requests: CodexRequests;
  /** Whether it tells what it does by itself. */
  readonly announces: boolean;
  /** A thread; it is made if there is none. */
  thread(threadId: string): CodexThread;
  /** The dynamic tools that a thread was started with. */
  tools(threadId: string): readonly unknown[];
  /** Makes a thread, and tells nobody. */
  createThread(options: Members): CodexThread;
  /** Makes a turn, and tells nobody. A thread that there is not is made, too. */
  createTurn(threadId: string, text: string): CodexTurn;
  /** Tells of a turn that it has begun. */
  begin(turn: CodexTurn): FakeTurn;
  /** Tells of a turn that it has begun, and lets the script play it, if there is one. */
  run(turn: CodexTurn): void;
  /** Resolves with the next turn that is run. */
  turnStarted(): Promise<FakeTurn>;
  interrupt(turn: CodexTurn): void;
  /** Tells what happens by itself, unless the test tells everything. */
  announce(told: readonly Told[]): void;
  notify(threadId: string | null, method: string, params?: object): void;
  readonly request: (
    threadId: string,
    method: string,
    params?: object,
    id?: number,
  ) => Promise<FakeAnswer>;
  /** Answers a request; whether it was open. */
  readonly answer: (id: number, answer: FakeAnswer) => boolean;
  /** Deletes a thread, with its turns and requests, and tells nobody. */
  forget(threadId: string): void;
  /** Ends it: all turns and requests are lost, and the requests will count from 0. */
  lose(): void;
  /** Says what a recording says, and nothing by itself, until that has ended. */
  quietly(recording: () => Promise<void>): Promise<void>;
}

export function createFakeCodex(
  version: CodexVersion,
  outlet: CodexOutlet,
  { turn: script, announces = true, newId = countedIds() }: CodexOptions,
): FakeCodex {
  const threads = new Map<string, CodexThread>();
  const requests = createCodexRequests();
  const begun = new Subject<FakeTurn>();
  let recordings = announces ? 0 : 1;

  function notify(threadId: string | null, method: string, given: object = {}): void {
    const isNamed = findThreadId({ params: given }) !== null || /^(account|app)\//.test(method);
    const params = (isNamed || threadId === null ? given : { threadId, ...given }) as Members;
    const thread = threads.get(String(findThreadId({ params })));
    const over = thread && observe(thread, method, params);
    outlet.notified(threadId, method, params);
    if (!over) return;
    for (const request of requests.open.values()) if (request.turnId === over.id) settle(request);
    over.end.abort();
  }

  function announce(told: readonly Told[]): void {
    if (!codex.announces) return;
    for (const [method, params] of told) notify(findThreadId({ params }), method, params);
  }

  /** Nothing is told of a tool call that is settled. */
  function settle({ id, threadId, method }: OpenRequest): (answer: FakeAnswer) => void {
    const answer = requests.close(id);
    if (method !== 'item/tool/call') {
      announce([['serverRequest/resolved', { threadId, requestId: id }]]);
    }
    return answer;
  }

  /** Tells what a thread waits for, if that has changed. */
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
    const told = version.ended(over, codex.thread(turn.threadId));
    for (const [method, params] of told) notify(turn.threadId, method, params);
  }

  const codex: FakeCodex = {
    threads,
    requests,
    get announces() {
      return recordings === 0;
    },
    thread(threadId) {
      const thread = threads.get(threadId) ?? createThread(threadId, {});
      threads.set(threadId, thread);
      return thread;
    },
    tools: (threadId) =>
      (threads.get(threadId)?.options['dynamicTools'] ?? []) as readonly unknown[],
    createThread(options) {
      const thread = createThread(newId('thread'), options);
      threads.set(thread.id, thread);
      return thread;
    },
    createTurn(threadId, text) {
      const thread = codex.thread(threadId);
      thread.isLoaded = true;
      return beginTurn(thread, newId('turn'), text);
    },
    begin(turn) {
      announce(version.begun(turn));
      return createFakeTurn(turn, version, { notify, request: codex.request, end });
    },
    run(turn) {
      const face = codex.begin(turn);
      begun.next(face);
      if (script) playTurn(face, script);
    },
    turnStarted: () => nextOf(begun),
    interrupt(turn) {
      if (codex.announces) end(turn, 'interrupted');
    },
    announce,
    notify,
    request: (threadId, method, given = {}, id) =>
      new Promise((resolve) => {
        const { turnId = threads.get(threadId)?.running?.id ?? null } = given as {
          turnId?: string | null;
        };
        const params = { threadId, ...(turnId === null ? {} : { turnId }), ...given };
        const request = requests.add({ threadId, turnId, method, params }, resolve, id);
        refresh(threadId);
        outlet.asked(request);
      }),
    answer(id, answer) {
      const request = requests.open.get(id);
      if (!request) return false;
      const resolve = settle(request);
      refresh(request.threadId);
      resolve(answer);
      const running = threads.get(request.threadId)?.running;
      if (running && isCancel(answer)) codex.interrupt(running);
      return true;
    },
    forget(threadId) {
      for (const request of requests.open.values()) {
        if (request.threadId === threadId) requests.close(request.id);
      }
      threads.get(threadId)?.running?.end.abort();
      threads.delete(threadId);
    },
    lose() {
      requests.reset();
      for (const thread of threads.values()) {
        const { running } = thread;
        Object.assign(thread, { isLoaded: false, status: idle, running: null });
        if (!running) continue;
        running.status = version.lost;
        running.end.abort();
      }
    },
    async quietly(recording) {
      recordings++;
      try {
        await recording();
      } finally {
        recordings--;
      }
    },
  };
  return codex;
}

/** Who cancels an approval interrupts the turn. */
const isCancel = (answer: FakeAnswer): boolean =>
  'result' in answer &&
  (answer.result as { readonly decision?: unknown } | null)?.decision === 'cancel';

function countedIds(): (kind: 'thread' | 'turn') => string {
  const counts = { thread: 0, turn: 0 };
  return (kind) => `${kind}-${++counts[kind]}`;
}
