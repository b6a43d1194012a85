import { codex0107 } from '../codex/codex-0107.js';
import type { OpenRequest } from '../codex/requests.js';
import type { CodexThread, Members } from '../codex/thread.js';
import type { Told } from '../codex/version.js';
import { createFakeCodex, type CodexOptions, type FakeCodex } from '../codex/fake-codex.js';
import type { FakeAnswer } from '../codex/fake-answer.js';
import { kindOf, pendingPayload, type RequestKind } from './requests.js';
import { createManagerSessions, type ManagerSessions } from './sessions.js';
import {
  legacyCopies,
  notificationFrames,
  requestFrame,
  type ManagerFrame,
  type SignalContext,
} from './signals.js';
import { createTranscript, type ManagerTranscript } from './transcript.js';

export interface ManagerCoreOptions extends CodexOptions {
  readonly legacy?: boolean;
}

/** A request that waits for an answer over the REST API. */
export interface PendingRequest {
  readonly kind: RequestKind;
  readonly request: OpenRequest;
  /** It, as the lists show it. */
  readonly payload: Members;
}

/** What codex-manager makes of what its Codex says. */
export interface ManagerCore {
  readonly codex: FakeCodex;
  readonly sessions: ManagerSessions;
  readonly transcript: ManagerTranscript;
  /** By their ids, as text. */
  readonly pending: ReadonlyMap<string, PendingRequest>;
  /** The turns that it takes to be running, by their threads. */
  readonly active: Map<string, string>;
  /** When and how its Codex has ended; `null`: it runs. */
  readonly exit: Members | null;
  /** Makes a session. */
  start(options: Members): CodexThread;
  rename(thread: CodexThread, title: string): void;
  /** Answers a request: everybody is told first. */
  resolve(request: PendingRequest, told: Members, answer: FakeAnswer): void;
  /** Deletes a session: what is pending in it expires. What everybody is to be told. */
  remove(threadId: string): Members;
  kill(): void;
  restart(): void;
}

export function createManagerCore(
  send: (frame: ManagerFrame) => void,
  options: ManagerCoreOptions,
): ManagerCore {
  const sessions = createManagerSessions();
  const transcript = createTranscript();
  const pending = new Map<string, PendingRequest>();
  const active = new Map<string, string>();
  let exit: Members | null = null;

  const contextOf = (threadId: string | null): SignalContext => ({
    threadId,
    turnId: active.get(String(threadId)) ?? null,
    session: sessions.signal(threadId),
  });

  function notified(threadId: string | null, method: string, params: Members): void {
    if (sessions.isDeleted(threadId)) return;
    const { threadName, turn } = params as { threadName?: string | null; turn?: { id?: string } };
    const turnId = turn?.id;
    if (threadId !== null && turnId && method === 'turn/started') active.set(threadId, turnId);
    transcript.notified(method, params, active.get(String(threadId)) ?? null);
    const [signal, ...rest] = notificationFrames(method, params, contextOf(threadId));
    // Of its own sessions codex-manager tells the raw notifications only.
    if (!sessions.isReserved(threadId)) send(signal);
    if (threadId !== null && threadName) sessions.setTitle(threadId, threadName, false);
    if (threadId !== null && method === 'turn/completed') {
      if (active.get(threadId) === turnId) active.delete(threadId);
      expireAll(({ request }) => request.threadId === threadId && request.turnId === turnId);
    }
    for (const frame of rest) send(frame);
  }

  function withCopies(threadId: string | null, method: string, params: Members): void {
    if (exit !== null) return;
    // A recording has its copies.
    const hasCopies = options.legacy && core.codex.announces;
    const { before, after } = hasCopies ? legacyCopies(method, params) : noCopies;
    const all: readonly Told[] = [...before, [method, params], ...after];
    for (const [name, members] of all) notified(threadId, name, members);
  }

  function asked(request: OpenRequest): void {
    const { id, threadId, method, params } = request;
    if (exit !== null) return;
    const kind = kindOf(method);
    if (sessions.isReserved(threadId)) {
      core.codex.answer(id, refusal(kind, `unsupported system-session server request`));
      return;
    }
    send(requestFrame(request, contextOf(threadId)));
    if (kind) {
      const payload = pendingPayload(kind, request);
      pending.set(String(id), { kind, request, payload });
      transcript.asked(kind, request, payload);
      send({ type: kind.asked, threadId, payload });
      return;
    }
    send({ type: 'server_request', threadId, payload: { method, id, params } });
    const message = `client does not support server-initiated method: ${method}`;
    core.codex.answer(id, { error: { code: -32601, message } });
  }

  function settle({ kind, request }: PendingRequest, told: Members): void {
    pending.delete(String(request.id));
    const payload = { [kind.idName]: String(request.id), ...told };
    transcript.resolved(kind, request, payload);
    send({ type: kind.resolved, threadId: request.threadId, payload });
  }

  function expireAll(which: (request: PendingRequest) => boolean): void {
    for (const one of pending.values()) {
      if (which(one)) settle(one, { status: 'expired', ...one.kind.expired });
    }
  }

  const core: ManagerCore = {
    codex: createFakeCodex(codex0107, { notified: withCopies, asked }, options),
    sessions,
    transcript,
    pending,
    active,
    get exit() {
      return exit;
    },
    start(options) {
      const thread = core.codex.createThread(options);
      core.codex.announce(codex0107.created(thread));
      core.rename(thread, 'New chat');
      return thread;
    },
    rename(thread, title) {
      const { id: threadId } = thread;
      sessions.setTitle(threadId, title);
      thread.name = title;
      core.codex.announce([['thread/name/updated', { threadId, threadName: title }]]);
    },
    resolve(request, told, answer) {
      settle(request, { status: 'resolved', ...told });
      core.codex.answer(request.request.id, answer);
    },
    remove(threadId) {
      expireAll(({ request }) => request.threadId === threadId);
      core.codex.forget(threadId);
      return sessions.delete(threadId);
    },
    kill() {
      if (exit !== null) return;
      expireAll(() => true);
      exit = { code: null, signal: 'SIGKILL', at: new Date().toISOString() };
      core.codex.lose();
    },
    restart() {
      exit = null;
      pending.clear();
      active.clear();
      core.codex.lose();
    },
  };
  return core;
}

const noCopies = { before: [], after: [] };

/** What codex-manager answers for its own sessions, where nobody is asked. */
function refusal(kind: RequestKind | undefined, message: string): FakeAnswer {
  switch (kind?.list) {
    case 'approvals':
      return { result: { decision: 'decline' } };
    case 'tool-input':
      return { result: { answers: {} } };
    case 'tool-calls':
      return { result: { success: false, contentItems: [{ type: 'inputText', text: message }] } };
    default:
      return { error: { code: -32600, message } };
  }
}
