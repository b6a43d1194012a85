import { codex0107 } from '../codex/v0107.js';
import type { CodexThread, Members } from '../codex/thread.js';
import type { Checked, ManagerBodies } from './bodies.js';
import type { ManagerCore } from './core.js';
import { allKinds } from './requests.js';
import { internalError, invalid, route, type Route } from './route.js';
import type { RestReply } from '../servers/rest-request.js';

const ok = (body: unknown, status = 200): RestReply => ({ status, body });

/**
 * The routes of sessions.
 *
 * @param broadcast Sends an event to everybody.
 */
export function sessionRoutes(
  core: ManagerCore,
  bodies: ManagerBodies,
  broadcast: (type: string, threadId: string, payload: Members) => void,
): readonly Route[] {
  const { codex, sessions, transcript, pending, active } = core;

  /** A route for a session, which Codex must know. */
  const withThread =
    (
      answer: (thread: CodexThread, body: unknown, ids: readonly string[]) => RestReply,
      missing: (sessionId: string) => RestReply = () => internalError,
    ): Route['answer'] =>
    (ids, { body }) => {
      const [sessionId = ''] = ids;
      const refused = sessions.refuse(sessionId);
      if (refused) return refused;
      if (core.exit !== null) return internalError;
      const thread = codex.threads.get(sessionId);
      return thread ? answer(thread, body, ids) : missing(sessionId);
    };

  const reads =
    <Body>(
      read: (body: unknown) => Checked<Body>,
      answer: (thread: CodexThread, body: Body, ids: readonly string[]) => RestReply,
    ) =>
    (thread: CodexThread, body: unknown, ids: readonly string[]): RestReply => {
      const checked = read(body);
      return checked.ok ? answer(thread, checked.body, ids) : invalid(checked.issues);
    };

  const notFound = (sessionId: string) => ok({ status: 'not_found', sessionId }, 404);

  const create: Route['answer'] = (_, { body }) => {
    const checked = bodies.session(body);
    if (!checked.ok) return invalid(checked.issues);
    const names = (checked.body.dynamicTools ?? []).map(({ name }) => name);
    const isRefused =
      new Set(names).size < names.length || names.some((name) => name.startsWith('mcp__'));
    if (core.exit !== null || isRefused) return internalError;
    const thread = core.start(checked.body);
    // It gets its name only after that.
    const unnamed = codex0107.thread({ ...thread, name: null });
    return ok({ session: sessions.summary(thread), thread: unnamed });
  };

  const message = reads(bodies.message, (thread, { text }) => {
    const { id: sessionId, running } = thread;
    const turn = codex.createTurn(sessionId, text);
    active.set(sessionId, turn.id);
    if (running && running !== turn) {
      // A second turn is announced as started, and never again: its message joins the other.
      const begun = { threadId: sessionId, turn: codex0107.turn(turn) };
      codex.announce([['turn/started', begun]]);
      codex.steer(running, text);
    } else codex.run(turn);
    return ok({ status: 'accepted', sessionId, turnId: turn.id }, 202);
  });

  const interrupt = reads(bodies.interrupt, ({ id: sessionId, running }, body) => {
    const turnId = body?.turnId ?? active.get(sessionId);
    if (turnId === undefined) return ok({ status: 'no_active_turn', sessionId }, 409);
    if (!running) return internalError;
    codex.interrupt(running);
    return ok({ status: 'ok', sessionId, turnId });
  });

  const steer = reads(bodies.steer, ({ id: sessionId, running }, { input }, [, turnId]) => {
    const isRunning = running?.id === turnId;
    const details = { threadId: sessionId, turnId };
    const status = isRunning ? 'performed' : 'conflict';
    if (running && isRunning) codex.steer(running, input);
    const result = { actionType: 'turn.steer', status, details };
    return isRunning
      ? ok({ status: 'ok', sessionId, turnId, result })
      : ok({ status: 'error', code: status, sessionId, turnId, result }, 409);
  });

  const rename = reads(bodies.rename, (thread, { title }) => {
    core.rename(thread, title);
    return ok({ status: 'ok', session: sessions.summary(thread) });
  });

  const remove = withThread(({ id: sessionId }) => {
    const event = core.remove(sessionId);
    broadcast('session_deleted', sessionId, event);
    return ok({ status: 'ok', sessionId, title: event['title'], deletedFileCount: 1 });
  }, notFound);

  /** Reads codex-manager's own sessions, too. */
  const read: Route['answer'] = ([sessionId = ''], request) =>
    sessions.isReserved(sessionId) && core.exit === null && codex.threads.has(sessionId)
      ? readThread(codex.threads.get(sessionId) as CodexThread)
      : withThread(readThread)([sessionId], request);

  const readThread = (thread: CodexThread) =>
    ok({
      session: sessions.summary(thread),
      thread: codex0107.thread(thread, true),
      transcript: transcript.read(thread.id),
    });

  const list: Route['answer'] = (_, { url }) => {
    if (core.exit !== null) return internalError;
    const query = new URLSearchParams(url.split('?')[1]);
    const isAll = query.get('includeSystemOwned') === 'true';
    const data = [...codex.threads.values()]
      .filter(({ id }) => !sessions.isDeleted(id) && (isAll || !sessions.isReserved(id)))
      .sort((one, other) => other.updatedAt - one.updatedAt)
      .map((thread) => sessions.summary(thread));
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit') ?? 100);
    const nextCursor = to < data.length ? String(to) : null;
    return ok({ data: data.slice(from, to), nextCursor, archived: false });
  };

  const pendingLists = allKinds.map((kind) =>
    route('GET', `/api/sessions/:id/${kind.list}`, ([sessionId = '']) => {
      const mine = [...pending.values()].filter(
        (one) => one.kind === kind && one.request.threadId === sessionId,
      );
      return sessions.refuse(sessionId) ?? ok({ data: mine.map(({ payload }) => payload) });
    }),
  );

  return [
    route('GET', '/api/sessions', list),
    route('POST', '/api/sessions', create),
    route('GET', '/api/sessions/:id', read),
    route('DELETE', '/api/sessions/:id', remove),
    route('POST', '/api/sessions/:id/messages', withThread(message, notFound)),
    route('POST', '/api/sessions/:id/interrupt', withThread(interrupt)),
    route('POST', '/api/sessions/:id/turns/:turnId/steer', withThread(steer)),
    route('POST', '/api/sessions/:id/rename', withThread(rename)),
    ...pendingLists,
  ];
}
