import type { Envelope } from '../envelope/index.js';
import type { Matcher } from './matcher.js';
import { matchIds } from './ids.js';

/**
 * Matches events of one of these threads (codex-manager calls a thread a session). Events without a
 * thread, such as account updates, do not match, and neither do those of sub-agents, which have
 * separate threads.
 *
 * @example
 * stream.on(forThread(id), ofAppServer('turn/completed'), (event) => done(event));
 */
export const forThread = (
  ...threads: readonly [string, ...string[]]
): Matcher<Envelope<string, unknown, string>> =>
  matchIds(
    'forThread',
    threads,
    (ids) => ({ threads: ids, complete: true }),
    (event) => event.threadId,
  );
