import { requestType } from '../envelope/index.js';
import { isMatcher, ofAppServerRequest, type Matcher } from '../match/index.js';
import { amounts, mustBe, mustBeKnown } from '../options/index.js';
import type { ServerRequest } from './server-request.js';
import type { RequestHandler, RequestMatcher, ServeOptions } from './server-requests.js';

/** A handler, and what it is for. */
export interface Route {
  readonly name: string;
  readonly matches: (request: ServerRequest) => boolean;
  /** Whether requests of a method may match. */
  readonly mayMatch: (method: string) => boolean;
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
  mustBeKnown('', options, ['name', 'timeout', 'fallback', 'onError']);
  const { name = handler.name || 'a handler', fallback, onError = 'leave', timeout } = options;
  mustBe(!fallback || typeof fallback === 'function', 'fallback', 'a function');
  mustBe(['leave', 'fallback'].includes(onError), 'onError', '"leave" or "fallback"', onError);
  const time = timeout === undefined ? undefined : amounts('', { timeout }, { timeout: 0 }).timeout;
  return { name, ...testOf(matcher), handler, timeout: time, fallback, onError };
}

function testOf(matcher: RequestMatcher): Pick<Route, 'matches' | 'mayMatch'> {
  if (typeof matcher === 'function' && !isMatcher(matcher)) {
    return { matches: matcher, mayMatch: () => true };
  }
  const { test, key } = isMatcher(matcher) ? matcher : ofMethods(matcher);
  return {
    matches: ({ event }) => test(event),
    mayMatch: (method) => key.types?.includes(requestType(method)) ?? true,
  };
}

function ofMethods(given: string | readonly string[]): Matcher {
  const methods: readonly unknown[] = Array.isArray(given) ? given : [given];
  const areMethods = methods.length > 0 && methods.every((method) => typeof method === 'string');
  mustBe(areMethods, 'matcher', 'a method, several, a matcher or a test');
  return (ofAppServerRequest as (...methods: readonly unknown[]) => Matcher)(...methods);
}
