import { CallError, type AppServerStream } from '../app-server/index.js';
import type { Loose } from '../envelope/index.js';
import type { FeedState } from './feed.js';
import { Refusal } from './guard.js';
import { ok } from './http.js';
import type { Body, Sessions } from './sessions.js';

/** codex-manager's routes of sessions, by the methods of an app-server. */
export function appServerSessions(stream: AppServerStream, feed: FeedState): Sessions {
  const call = async (method: string, params: object): Promise<Loose> => {
    if (!feed.isThere()) throw new Refusal(503, 'upstream_away', 'the source is away');
    try {
      return Object(await stream.call(method as never, params as never)) as Loose;
    } catch (error) {
      throw refusalOf(error);
    }
  };

  /** A thread that is stored and not loaded is loaded first. */
  async function callLoaded(method: string, params: Body): Promise<Loose> {
    try {
      return await call(method, params);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) throw error;
      await call('thread/resume', { threadId: params['threadId'], excludeTurns: true });
      return call(method, params);
    }
  }

  return {
    async list(query) {
      const asked = new URLSearchParams(query);
      const cursor = asked.get('cursor');
      const limit = Number(asked.get('limit') ?? 100) || 100;
      const { data, nextCursor } = await call('thread/list', {
        limit: Math.min(limit, 100),
        sortKey: 'updated_at',
        ...(cursor === null ? {} : { cursor }),
      });
      const threads = Array.isArray(data) ? (data as Loose[]) : [];
      return ok({ data: threads.map(summaryOf), nextCursor: nextCursor ?? null, archived: false });
    },
    async read(threadId) {
      const { thread } = await call('thread/read', { threadId, includeTurns: true });
      if (!thread) throw notFound();
      // At once: the result of a call settles before the next event is dispatched.
      const gateway = feed.placeOf(threadId);
      return ok({ session: summaryOf(thread), thread, transcript: transcriptOf(thread), gateway });
    },
    async create(body) {
      const { filesystemSandbox } = body;
      const sandbox = filesystemSandbox === undefined ? {} : { sandbox: filesystemSandbox };
      const known = pick(body, ['cwd', 'model', 'approvalPolicy', 'dynamicTools']);
      const { thread } = await call('thread/start', { ...known, ...sandbox });
      return ok({ session: summaryOf(thread as Loose), thread });
    },
    async send(threadId, body) {
      const { text } = body;
      if (typeof text !== 'string' || text === '') throw invalid('"text" must be a text');
      const input = [{ type: 'text', text, text_elements: [] }];
      const settings = pick(body, ['model', 'effort', 'approvalPolicy']);
      const { turn } = await callLoaded('turn/start', { threadId, input, ...settings });
      return ok({ status: 'accepted', sessionId: threadId, turnId: turn?.['id'] }, 202);
    },
    async interrupt(threadId, { turnId = feed.turnId(threadId) }) {
      if (turnId === null) {
        return ok({ status: 'no_active_turn', sessionId: threadId }, 409);
      }
      await call('turn/interrupt', { threadId, turnId });
      return ok({ status: 'ok', sessionId: threadId, turnId });
    },
    async steer(threadId, turnId, { input: text }) {
      if (typeof text !== 'string' || text === '') throw invalid('"input" must be a text');
      const input = [{ type: 'text', text, text_elements: [] }];
      try {
        await call('turn/steer', { threadId, expectedTurnId: turnId, input });
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 400) throw error;
        return ok({ status: 'error', code: 'conflict', sessionId: threadId, turnId }, 409);
      }
      return ok({ status: 'ok', sessionId: threadId, turnId });
    },
    async rename(threadId, { title: name }) {
      if (typeof name !== 'string' || name === '') throw invalid('"title" must be a text');
      await callLoaded('thread/name/set', { threadId, name });
      return ok({ status: 'ok', session: { sessionId: threadId, title: name } });
    },
    async remove(threadId) {
      await call('thread/delete', { threadId });
      return ok({ status: 'ok', sessionId: threadId, title: null });
    },
  };
}

const invalid = (message: string) => new Refusal(400, 'invalid_request', message);
const notFound = () => new Refusal(404, 'not_found', 'no such session');

/** The server has several texts for a thread that it does not know. */
const unknownThread = /thread not found|invalid thread id|no rollout found|thread .* not loaded/i;

function refusalOf(error: unknown): unknown {
  if (!(error instanceof CallError)) return error;
  if (error.kind === 'refused') {
    if (unknownThread.test(error.message)) return notFound();
    const isInvalid = error.code === -32600 || error.code === -32602;
    return new Refusal(isInvalid ? 400 : 500, 'codex_error', error.message);
  }
  // What may have been carried out must not look as if it were refused.
  return new Refusal(error.outcomeUnknown ? 504 : 503, 'upstream_away', error.message);
}

const pick = (body: Body, names: readonly string[]): Body =>
  Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));

/** A thread as codex-manager lists it. */
const summaryOf = (thread: Loose): object => ({
  sessionId: thread['id'],
  title: thread['name'] ?? thread['preview'] ?? null,
  materialized: true,
  modelProvider: thread['modelProvider'] ?? null,
  createdAt: thread['createdAt'] ?? null,
  updatedAt: thread['updatedAt'] ?? null,
  cwd: thread['cwd'] ?? null,
  source: thread['source'] ?? null,
  projectId: null,
});

/** What a message of the user says, of its parts. */
const textOf = (parts: unknown): string =>
  (Array.isArray(parts) ? (parts as Loose[]) : [])
    .flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
    .join('\n');

/** The items of a thread as the entries of a transcript. */
function transcriptOf(thread: Loose): readonly object[] {
  const list = (value: unknown) => (Array.isArray(value) ? (value as Loose[]) : []);
  return list(thread['turns']).flatMap((turn) =>
    list(turn['items']).map((item) => ({
      messageId: item['id'],
      turnId: turn['id'],
      role: (item['type'] as unknown) === 'userMessage' ? 'user' : 'assistant',
      type: item['type'],
      content: (item['text'] as unknown) ?? textOf(item['content']),
      details: JSON.stringify(item),
      startedAt: item['startedAtMs'],
      completedAt: item['completedAtMs'],
      // Of what is being written the server may list the beginning: the log has all of it.
      status: (item['completedAtMs'] as unknown) === null ? 'streaming' : 'complete',
    })),
  );
}
