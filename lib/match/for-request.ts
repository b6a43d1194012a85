import type { RequestId } from '../envelope/index.js';
import type { Matcher } from './matcher.js';
import { matchIds } from './ids.js';

/**
 * Matches what concerns one of these server requests: the request, codex-manager's copies of it and
 * its resolution. `'0'` and `0` are the same id, as servers send it both ways.
 *
 * Ids start again at 0 when the server restarts, so keep such a matcher no longer than its request.
 */
export const forRequest = (...requests: readonly [RequestId, ...RequestId[]]): Matcher =>
  matchIds(
    'forRequest',
    requests,
    (ids) => ({ requests: ids, complete: true }),
    (event) => event.requestId,
  );
