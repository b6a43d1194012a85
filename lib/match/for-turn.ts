import type { Envelope } from '../envelope/index.js';
import type { Matcher } from './matcher.js';
import { matchIds } from './ids.js';

/**
 * Matches events of one of these turns.
 *
 * `app_server.turn.started` may come before the HTTP answer that holds the turn's id: to miss
 * nothing, listen to the thread and compare, or buffer until the id is known.
 */
export const forTurn = (
  ...turns: readonly [string, ...string[]]
): Matcher<Envelope<string, unknown, string | null, string>> =>
  matchIds(
    'forTurn',
    turns,
    (ids) => ({ turns: ids, complete: true }),
    (event) => event.turnId,
  );
