import { managerMethod } from '../manager/methods.js';
import { answerRequest, dialectAnswers } from './answering.js';
import type { FeedState } from './feed.js';
import { Refusal } from './guard.js';
import { maySee, seesAll, type GatewayIdentity } from './identity.js';
import { ok, type Reply } from './http.js';
import type { InspectedRoutes } from './inspected.js';
import { idNameOf, listedRequest, pendingPayload } from './pending.js';
import type { ServerRequest } from '../requests/index.js';
import { sessionsOf } from './sessions-of.js';
import type { Body } from './sessions.js';
import { readThreadEvents } from './thread-events.js';
import { ticketLifetime, type Tickets } from './tickets.js';

/** What a route gets. */
export interface RouteRequest {
  readonly identity: GatewayIdentity;
  /** The segments of the path that its pattern names, decoded. */
  readonly ids: readonly string[];
  readonly query: string;
  /** Reads the body; an empty one is `{}`. */
  readonly body: () => Promise<Body>;
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (request: RouteRequest) => Reply | Promise<Reply>;
}

type ListName = keyof typeof dialectAnswers;

const answerRoutes: readonly (readonly [ListName, verb: string])[] = [
  ['approvals', 'decision'],
  ['tool-calls', 'response'],
  ['tool-input', 'decision'],
];

/** The routes of a gateway: codex-manager's, as far as clients ask for them, and its own. */
export function createRoutes(
  feed: FeedState,
  tickets: Tickets,
  inspected?: InspectedRoutes,
): readonly Route[] {
  const { log, requests } = feed;
  const sessions = sessionsOf(feed);
  const routes: Route[] = [];

  const route = (method: string, path: string, answer: Route['answer']) => {
    const pattern = path.replace(/:\w+/g, '([^/]+)');
    routes.push({ method, path: new RegExp(`^/api/${pattern}$`), answer });
  };

  /** A route that changes something. */
  const change = (method: string, path: string, answer: Route['answer']) => {
    route(method, path, (request) => {
      if (request.identity.answers !== true) throw new Refusal(403, 'read_only');
      return answer(request);
    });
  };

  /** The session of a route, which for those who may not see it does not exist. */
  function threadOf({ identity, ids: [threadId = ''] }: RouteRequest): string {
    if (!maySee(identity, threadId)) throw new Refusal(404, 'not_found');
    return threadId;
  }

  /** The open request that a route is about. */
  function visible(request: ServerRequest | undefined, identity: GatewayIdentity): ServerRequest {
    if (!request || !maySee(identity, request.threadId)) throw new Refusal(404, 'not_found');
    return request;
  }

  route('GET', 'health', () =>
    ok({ status: 'ok', service: 'gateway', codex: { running: feed.isThere() } }),
  );
  route('POST', 'ticket', ({ identity }) =>
    ok({ ticket: tickets.issue(identity), expiresIn: ticketLifetime / 1_000 }),
  );

  if (inspected) {
    route('GET', 'inspector', () => ok(inspected.read()));
    // It changes nothing of an agent: a page that only looks may do it.
    route('POST', 'inspector/playback', async ({ body }) => {
      if (!inspected.control) throw new Refusal(404, 'not_found');
      inspected.control(await body());
      return ok(inspected.read());
    });
  }

  route('GET', 'requests', ({ identity, query }) => {
    const threadId = new URLSearchParams(query).get('threadId');
    const isWanted = (request: ServerRequest) =>
      maySee(identity, request.threadId) && (!threadId || request.threadId === threadId);
    const data = requests.pending().filter(isWanted);
    const all = data.map((request) => listedRequest(request, requests));
    return ok({ epoch: log.epoch, seq: log.last, data: all });
  });
  change('POST', 'requests/:key/answer', async ({ identity, ids: [key = ''], body }) => {
    const request = visible(requests.byKey(key), identity);
    const { answer } = await body();
    if (typeof answer !== 'object' || answer === null) {
      throw new Refusal(400, 'invalid_request', '"answer" must be an object');
    }
    return answerRequest(feed, request, answer, { key }, identity.name);
  });

  for (const [list, verb] of answerRoutes) {
    change('POST', `${list}/:id/${verb}`, async ({ identity, ids: [id = ''], body }) => {
      const request = visible(requests.byId(id), identity);
      if (managerMethod(request.method)?.list !== list) throw new Refusal(404, 'not_found');
      const answer = dialectAnswers[list](request, await body());
      const names = { [idNameOf(list)]: id, threadId: request.threadId };
      return answerRequest(feed, request, answer, names, identity.name);
    });
  }
  for (const [list] of answerRoutes) {
    route('GET', `sessions/:id/${list}`, ({ identity, ids: [threadId = ''] }) => {
      if (!maySee(identity, threadId)) return ok({ data: [] });
      const data = requests
        .pending()
        .filter((one) => one.threadId === threadId && managerMethod(one.method)?.list === list)
        .map((request) =>
          pendingPayload({ ...request, id: String(requests.opened(request.event).id) }, list),
        );
      return ok({ data });
    });
  }

  route('GET', 'sessions', async ({ identity, query }) => {
    const { status, body } = await sessions.list(query);
    const { data } = Object(body) as { data?: unknown };
    if (seesAll(identity) || !Array.isArray(data)) return ok(body, status);
    const isVisible = (session: unknown) =>
      maySee(identity, String((Object(session) as { sessionId?: unknown }).sessionId));
    return ok({ ...Object(body), data: data.filter(isVisible) } as object, status);
  });
  change('POST', 'sessions', async ({ identity, body }) => {
    // What it may see is decided for threads that there are.
    if (!seesAll(identity)) throw new Refusal(403, 'restricted');
    return sessions.create(await body());
  });
  route('GET', 'sessions/:id', (request) => sessions.read(threadOf(request)));
  route('GET', 'sessions/:id/events', (request) =>
    readThreadEvents(log, threadOf(request), request.query),
  );
  change('DELETE', 'sessions/:id', (request) => sessions.remove(threadOf(request)));
  change('POST', 'sessions/:id/messages', async (request) =>
    sessions.send(threadOf(request), await request.body()),
  );
  change('POST', 'sessions/:id/interrupt', async (request) =>
    sessions.interrupt(threadOf(request), await request.body()),
  );
  change('POST', 'sessions/:id/rename', async (request) =>
    sessions.rename(threadOf(request), await request.body()),
  );
  change('POST', 'sessions/:id/turns/:turnId/steer', async (request) => {
    const {
      ids: [, turnId = ''],
    } = request;
    return sessions.steer(threadOf(request), turnId, await request.body());
  });
  return routes;
}

/**
 * The reply of the route that a request asks for.
 *
 * @throws Refusal
 */
export function answerRoute(
  routes: readonly Route[],
  method: string,
  path: string,
  request: Omit<RouteRequest, 'ids'>,
): Reply | Promise<Reply> {
  const found = routes.filter((route) => route.path.test(path));
  const route = found.find((one) => one.method === method);
  if (!route)
    throw new Refusal(
      found.length > 0 ? 405 : 404,
      found.length > 0 ? 'method_not_allowed' : 'not_found',
    );
  const [, ...segments] = route.path.exec(path) as RegExpExecArray;
  return route.answer({ ...request, ids: segments.map(decoded) });
}

/** An id is decoded once. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(404, 'not_found');
  }
}
