import { isMatcher, ofPrefix, ofType, type Matcher } from '../match/index.js';
import type { RequestMatcher } from '../requests/index.js';

/**
 * The matcher of a pattern of events: a matcher, an event type, or a prefix that ends in `*`.
 * `null`: the pattern belongs to another transport of the application.
 */
export function eventMatcher(pattern: unknown): Matcher | null {
  if (isMatcher(pattern)) return pattern;
  if (typeof pattern !== 'string') return null;
  return pattern.endsWith('*') ? ofPrefix(pattern.slice(0, -1)) : ofType(pattern);
}

/**
 * What `requests.serve` takes of a pattern: a method, a matcher, or a test of a request. `null`:
 * the pattern belongs to another transport of the application.
 */
export function requestMatcher(pattern: unknown): RequestMatcher | null {
  const isServed = typeof pattern === 'string' || typeof pattern === 'function';
  return isServed ? (pattern as RequestMatcher) : null;
}
