import type { RestReply, RestRequest } from '../servers/rest-request.js';

/** A route of a REST API. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** @param ids What stands in the place of `:id` and its like. */
  answer(ids: readonly string[], request: RestRequest): RestReply;
}

/** @param path With `:name` for a segment of any kind. */
export const route = (method: string, path: string, answer: Route['answer']): Route => ({
  method,
  path: new RegExp(`^${path.replace(/:\w+/g, '([^/]+)')}$`),
  answer,
});

/** What the first route that fits replies; `null` if none does. */
export function answerBy(routes: readonly Route[], request: RestRequest): RestReply | null {
  const [path = ''] = request.url.split('?');
  for (const route of routes) {
    const match = route.method === request.method ? route.path.exec(path) : null;
    if (match) return route.answer(match.slice(1).map(decodeURIComponent), request);
  }
  return null;
}

/** What codex-manager says to a body that it cannot read. */
export const invalid = (issues: unknown): RestReply => ({
  status: 400,
  body: {
    status: 'error',
    code: 'invalid_request',
    message: 'request validation failed',
    issues,
  },
});

/** What it says whenever something went wrong. It tells no reason. */
export const internalError: RestReply = {
  status: 500,
  body: { status: 'error', code: 'internal_error', message: 'internal server error' },
};
