import type { Members } from '../codex/thread.js';
import type { ManagerBodies } from './bodies.js';
import type { ManagerCore } from './core.js';
import { allKinds, type RequestKind } from './requests.js';
import { answerBy, invalid, route, type Route } from './route.js';
import { sessionRoutes } from './session-routes.js';
import type { RestReply, RestRequest } from '../servers/rest-request.js';

/** The status of an answer that Codex does not accept. */
export type AnswerRefusal = 409 | 500;

/**
 * codex-manager's REST API for sessions, turns and requests; `null` for an unknown route.
 *
 * @param refuse Called for each answer to a pending request: the status to refuse it with, if any.
 * @param broadcast Sends an event to everybody.
 */
export function createManagerRoutes(
  core: ManagerCore,
  bodies: ManagerBodies,
  refuse: () => AnswerRefusal | undefined,
  broadcast: (type: string, threadId: string, payload: Members) => void,
): (request: RestRequest) => RestReply | null {
  const answers = allKinds.map((kind) =>
    route('POST', `/api/${kind.list}/:id/${kind.verb}`, ([id = ''], { body }) => {
      const one = core.pending.get(id);
      const read = kind.read(bodies, body, one?.request.method ?? '');
      if (!read.ok) return invalid(read.issues);
      if (one?.kind !== kind) {
        return { status: 404, body: { status: 'not_found', [kind.idName]: id } };
      }
      const { threadId } = one.request;
      const refused = refuse();
      if (refused) return { status: refused, body: refusalBody(kind, refused, id, threadId) };
      core.resolve(one, read.body.settlement, read.body.answer);
      return { status: 200, body: { status: 'ok', [kind.idName]: id, threadId } };
    }),
  );
  const routes = [...sessionRoutes(core, bodies, broadcast), ...answers, health(core)];
  return (request) => answerBy(routes, request);
}

function refusalBody(
  { list, idName }: RequestKind,
  status: AnswerRefusal,
  id: string,
  threadId: string,
): Members {
  if (status === 500) return { status: 'error', [idName]: id };
  return list === 'approvals'
    ? { status: 'reconciled', approvalId: id, threadId, code: 'conflict' }
    : { status: 'conflict', code: 'in_flight', [idName]: id };
}

const health = (core: ManagerCore): Route =>
  route('GET', '/api/health', () => {
    const isRunning = core.exit === null;
    const codex = {
      running: isRunning,
      pid: isRunning ? 1 : null,
      initialized: isRunning,
      ...(isRunning ? {} : { lastExit: core.exit }),
    };
    const auth = { hasOpenAiApiKey: false, codexHomeAuthFile: true, likelyUnauthenticated: false };
    const timestamp = new Date().toISOString();
    return { status: 200, body: { status: 'ok', service: 'api', codex, auth, timestamp } };
  });
