import type {
  AppServerRequestEvent,
  AppServerRequestPayload,
  Envelope,
  ServerRequestMethod,
} from '../envelope/index.js';
import type { CheckedRequest } from './checked-method.js';
import { createMatcher, type Matcher } from './matcher.js';
import { matchMethods } from './of-app-server.js';

/** Matches every request that Codex makes of its client. */
export function ofAppServerRequest(): Matcher<
  Envelope<`app_server.request.${string}`, AppServerRequestPayload>
>;
/**
 * Matches requests that Codex makes of its client (approvals, tool calls, questions) by method, as
 * on the wire (`item/tool/call`) or normalised (`item.tool.call`); without a method, every one.
 *
 * A method of a newer server, or one in a variable, goes through `ofType(requestType(method))`.
 *
 * @example
 * router.on(ofAppServerRequest('item/tool/call'), (event) => run(event.payload.params.tool));
 */
export function ofAppServerRequest<const Methods extends readonly [Open, ...Open[]]>(
  ...methods: { readonly [Index in keyof Methods]: CheckedRequest<Methods[Index]> }
): Matcher<AppServerRequestEvent<Methods[number]>>;
export function ofAppServerRequest(...methods: readonly string[]): Matcher {
  const prefix = 'app_server.request.';
  if (methods.length > 0) return matchMethods('ofAppServerRequest', prefix, methods);
  return createMatcher('ofAppServerRequest()', { prefixes: [prefix], complete: true }, ({ type }) =>
    type.startsWith(prefix),
  );
}

type Open = ServerRequestMethod | (string & {});
