import { ManagerError, type ManagerStream, type RestOptions } from '../manager/index.js';
import type { FeedState } from './feed.js';
import { Refusal } from './guard.js';
import { ok, type Reply } from './http.js';
import type { Sessions } from './sessions.js';

/** Passes on what codex-manager says, refusals included. */
export function managerSessions(stream: ManagerStream, feed: FeedState): Sessions {
  async function ask(
    path: string,
    body?: object,
    options?: RestOptions,
    status = 200,
  ): Promise<Reply> {
    try {
      return ok(Object(await stream.rest(path, body, options)) as object, status);
    } catch (error) {
      if (!(error instanceof ManagerError)) throw error;
      if (error.kind === 'refused' && error.status >= 400) {
        return ok(Object(error.body) as object, error.status);
      }
      throw new Refusal(error.kind === 'timeout' ? 504 : 502, 'upstream_failed');
    }
  }
  const of = (threadId: string, rest = '') =>
    `/api/sessions/${encodeURIComponent(threadId)}${rest}`;

  return {
    list: (query) => ask(`/api/sessions${query === '' ? '' : `?${query}`}`),
    async read(threadId) {
      // Before it is asked: the answer is not in order with the events.
      const gateway = feed.placeOf(threadId);
      const { status, body } = await ask(of(threadId));
      return ok(status === 200 ? ({ ...Object(body), gateway } as object) : body, status);
    },
    create: (body) => ask('/api/sessions', body),
    send: (threadId, body) => ask(of(threadId, '/messages'), body, {}, 202),
    interrupt: (threadId, body) => ask(of(threadId, '/interrupt'), body),
    steer: (threadId, turnId, body) =>
      ask(of(threadId, `/turns/${encodeURIComponent(turnId)}/steer`), body),
    rename: (threadId, body) => ask(of(threadId, '/rename'), body),
    remove: (threadId) => ask(of(threadId), undefined, { method: 'DELETE' }),
  };
}
