import type { Envelope } from '../envelope/index.js';
import { mustBe } from '../options/index.js';
import { createMatcher, type Matcher } from './matcher.js';

/**
 * Matches events whose type begins with one of these prefixes, taken literally: `app_server.item.`
 * matches `app_server.item.started`, and `app_server.` matches server requests too.
 *
 * @example
 * stream.events$.pipe(ofPrefix('orchestrator_job_'))
 */
export function ofPrefix<const Prefix extends string>(
  ...prefixes: readonly [Prefix, ...Prefix[]]
): Matcher<Envelope<`${Prefix}${string}`>> {
  const name = `ofPrefix(${prefixes.join(', ')})`;
  const ok = prefixes.length > 0 && prefixes.every((prefix) => typeof prefix === 'string');
  mustBe(ok, name, 'given prefixes as strings');
  return createMatcher(name, { prefixes, complete: true }, (event) =>
    prefixes.some((prefix) => event.type.startsWith(prefix)),
  );
}
