import { codex0107 } from '../codex/v0107.js';
import { createFakeCodex, type CodexOptions, type FakeCodex } from '../codex/fake.js';
import type { FakeAnswer } from '../codex/answer.js';
import type { OpenRequest } from '../codex/requests.js';
import type { CodexThread, Members } from '../codex/thread.js';
import type { Notification } from '../codex/version.js';
import { kindOf, pendingPayload, type RequestKind } from './requests.js';
import { createManagerSessions } from './sessions.js';
import { legacyCopies, notificationFrames, requestFrame, type ManagerFrame } from './signals.js';
import { createTranscript } from './transcript.js';

export interface ManagerCoreOptions extends CodexOptions {
  readonly legacy?: boolean;
}

/** A request that waits for an answer over the REST API. */
export interface PendingRequest {
  readonly kind: RequestKind;
  readonly request: OpenRequest;
  /** The request, as the lists show it. */
  readonly payload: Members;
}

export type ManagerCore = ReturnType<typeof createManagerCore>;

/** What codex-manager makes of the notifications and requests of its Codex. */
export function createManagerCore(
  send: (frame: ManagerFrame) => void,
  options: ManagerCoreOptions,
) {
  const sessions = createManagerSessions();
  const transcript = createTranscript();
  const pending = new Map<string, PendingRequest>();
  const active = new Map<string, string>();
  /** When and how its Codex has ended. */
  let exit: Members | null = null;
  const codex: FakeCodex = createFakeCodex(codex0107, { notify: withCopies, ask: asked }, options);

  const contextOf = (threadId: string | null) => ({
    threadId,
    turnId: active.get(String(threadId)) ?? null,
    session: sessions.signal(threadId),
  });

  function notified(threadId: string | null, method: string, params: Members): void {
    if (sessions.isDeleted(threadId)) return;
    const { threadName, turn } = params as { threadName?: string | null; turn?: { id?: string } };
    const turnId = turn?.id;
    if (threadId !== null && turnId && method === 'turn/started') active.set(threadId, turnId);
    transcript.observe(method, params, active.get(String(threadId)) ?? null);
    const [signal, ...rest] = notificationFrames(method, params, contextOf(threadId));
    // For the sessions that it created, codex-manager sends the raw notifications only.
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
    const hasCopies = options.legacy && codex.announces;
    const [before, after] = hasCopies ? legacyCopies(method, params) : [[], []];
    const all: readonly Notification[] = [...before, [method, params], ...after];
    for (const [name, members] of all) notified(threadId, name, members);
  }

  function asked(request: OpenRequest): void {
    const { id, threadId, method, params } = request;
    if (exit !== null) return;
    const kind = kindOf(method);
    if (sessions.isReserved(threadId)) {
      const message = 'unsupported system-session server request';
      codex.answer(id, kind ? kind.refusal(message) : { error: { code: -32600, message } });
      return;
    }
    send(requestFrame(request, contextOf(threadId)));
    if (kind) {
      const payload = pendingPayload(kind, request);
      pending.set(String(id), { kind, request, payload });
      transcript.asked(kind, request, payload);
      send({ type: kind.requestedType, threadId, payload });
      return;
    }
    send({ type: 'server_request', threadId, payload: { method, id, params } });
    const message = `client does not support server-initiated method: ${method}`;
    codex.answer(id, { error: { code: -32601, message } });
  }

  function settle({ kind, request }: PendingRequest, settlement: Members): void {
    pending.delete(String(request.id));
    const payload = { [kind.idName]: String(request.id), ...settlement };
    transcript.resolved(kind, request, payload);
    send({ type: kind.resolvedType, threadId: request.threadId, payload });
  }

  function expireAll(which: (request: PendingRequest) => boolean): void {
    for (const one of pending.values()) {
      if (which(one)) settle(one, { status: 'expired', ...one.kind.expired });
    }
  }

  function rename(thread: CodexThread, title: string): void {
    const { id: threadId } = thread;
    sessions.setTitle(threadId, title);
    thread.name = title;
    codex.announce([['thread/name/updated', { threadId, threadName: title }]]);
  }

  return {
    codex,
    sessions,
    transcript,
    /** By their ids, as text. */
    pending: pending as ReadonlyMap<string, PendingRequest>,
    /** The turns that codex-manager considers running, by their threads. */
    active,
    get exit() {
      return exit;
    },
    /** Creates a session. */
    start(started: Members): CodexThread {
      const thread = codex.createThread(started);
      codex.announce(codex0107.created(thread));
      rename(thread, 'New chat');
      return thread;
    },
    rename,
    /** Answers a request: its settlement is sent to all clients first. */
    resolve(request: PendingRequest, settlement: Members, answer: FakeAnswer): void {
      settle(request, { status: 'resolved', ...settlement });
      codex.answer(request.request.id, answer);
    },
    /** Deletes a session, and sends that its requests expire. Returns what its event says. */
    remove(threadId: string): Members {
      expireAll(({ request }) => request.threadId === threadId);
      codex.forget(threadId);
      return sessions.delete(threadId);
    },
    kill(): void {
      if (exit !== null) return;
      expireAll(() => true);
      exit = { code: null, signal: 'SIGKILL', at: new Date().toISOString() };
      codex.lose();
    },
    restart(): void {
      exit = null;
      pending.clear();
      active.clear();
      codex.lose();
    },
  };
}
