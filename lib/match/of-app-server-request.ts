import type {
  AppServerRequestEvent,
  AppServerRequestPayload,
  Envelope,
  NotificationMethod,
  ServerRequestMethod,
} from '../envelope/index.js';
import { createMatcher, type Matcher } from './matcher.js';
import { matchMethods } from './of-app-server.js';

/**
 * Matches requests that Codex makes of its client (approvals, tool calls, questions) by method, as
 * on the wire (`item/tool/call`) or normalised (`item.tool.call`); without a method, every one.
 *
 * @example
 * router.on(ofAppServerRequest('item/tool/call'), (event) => run(event.payload.params.tool));
 */
export function ofAppServerRequest(): Matcher<
  Envelope<`app_server.request.${string}`, AppServerRequestPayload>
>;
export function ofAppServerRequest<const Methods extends readonly [Open, ...Open[]]>(
  ...methods: { readonly [Index in keyof Methods]: RequestOnly<Methods[Index]> }
): Matcher<AppServerRequestEvent<Methods[number]>>;
export function ofAppServerRequest(...methods: readonly string[]): Matcher {
  const prefix = 'app_server.request.';
  if (methods.length > 0) return matchMethods('ofAppServerRequest', prefix, methods);
  return createMatcher('ofAppServerRequest()', { prefixes: [prefix], complete: true }, ({ type }) =>
    type.startsWith(prefix),
  );
}

type Open = ServerRequestMethod | (string & {});

type RequestOnly<Method> = Method extends `app_server.request.${infer Rest}`
  ? `'${Method}' is an event type, not a method: use ofType('${Method}') or ofAppServerRequest('${Rest}')`
  : Method extends `app_server.${string}`
    ? `'${Method}' is the event type of a notification: use ofType('${Method}')`
    : Method extends ServerRequestMethod
      ? Method
      : Method extends NotificationMethod
        ? `'${Method}' is a notification: use ofAppServer('${Method}')`
        : Method;
