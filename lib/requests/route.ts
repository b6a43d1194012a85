import { isMatcher } from '../match/index.js';
import { amounts, mustBe } from '../options/index.js';
import type { ServerRequest } from './server-request.js';
import type { RequestHandler, RequestMatcher, ServeOptions } from './server-requests.js';

/** A handler, and what it is for. */
export interface Route {
  readonly name: string;
  readonly matches: (request: ServerRequest) => boolean;
  readonly handler: RequestHandler;
  readonly timeout: number | undefined;
  readonly fallback: ServeOptions['fallback'];
  readonly onError: 'leave' | 'fallback';
}

/** @throws TypeError that names what is wrong. */
export function routeOf(
  matcher: RequestMatcher,
  handler: RequestHandler,
  options: ServeOptions = {},
): Route {
  mustBe(typeof handler === 'function', 'handler', 'a function');
  const { name = handler.name || 'a handler', fallback, onError = 'leave', timeout } = options;
  mustBe(!fallback || typeof fallback === 'function', 'fallback', 'a function');
  mustBe(['leave', 'fallback'].includes(onError), 'onError', '"leave" or "fallback"', onError);
  const time = timeout === undefined ? undefined : amounts('', { timeout }, { timeout: 0 }).timeout;
  return { name, matches: testOf(matcher), handler, timeout: time, fallback, onError };
}

function testOf(matcher: RequestMatcher): Route['matches'] {
  if (isMatcher(matcher)) return ({ event }) => matcher.test(event);
  if (typeof matcher === 'function') return matcher;
  const methods: readonly unknown[] = Array.isArray(matcher) ? matcher : [matcher];
  const areMethods = methods.length > 0 && methods.every((method) => typeof method === 'string');
  mustBe(areMethods, 'matcher', 'a method, several, a matcher or a test');
  return ({ method }) => methods.includes(method);
}
