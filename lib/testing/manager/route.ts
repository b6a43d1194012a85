import type { RestReply, RestRequest } from '../servers/rest-request.js';

/** A route of a REST API. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** @param ids The segments that `:id` and the like stand for. */
  answer(ids: readonly string[], request: RestRequest): RestReply;
}

/** @param path With `:name` for a segment of any kind. */
export const route = (method: string, path: string, answer: Route['answer']): Route => ({
  method,
  path: new RegExp(`^${path.replace(/:\w+/g, '([^/]+)')}$`),
  answer,
});

/** The reply of the first route that fits; `null` if none does. */
export function answerBy(routes: readonly Route[], request: RestRequest): RestReply | null {
  const [path = ''] = request.url.split('?');
  for (const route of routes) {
    const match = route.method === request.method ? route.path.exec(path) : null;
    if (match) return route.answer(match.slice(1).map(decodeURIComponent), request);
  }
  return null;
}

/** The reply to a body that cannot be read. */
export const invalid = (issues: unknown): RestReply => ({
  status: 400,
  body: {
    status: 'error',
    code: 'invalid_request',
    message: 'request validation failed',
    issues,
  },
});

/** The reply to any other failure. It has no reason. */
export const internalError: RestReply = {
  status: 500,
  body: { status: 'error', code: 'internal_error', message: 'internal server error' },
};
