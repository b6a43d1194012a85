import type { Envelope } from '../envelope/index.js';
import type { Matcher } from './matcher.js';
import { matchIds } from './ids.js';

/**
 * Matches events of one of these threads (codex-manager calls a thread a session). Events of no
 * thread, such as account updates, and those of sub-agents, which have their own threads, do not
 * match.
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
