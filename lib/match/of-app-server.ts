import {
  normalizeMethod,
  type AppServerEvent,
  type AppServerPayload,
  type Envelope,
  type NotificationMethod,
  type ServerRequestMethod,
} from '../envelope/index.js';
import { createMatcher, type Matcher } from './matcher.js';
import { matchTypes } from './of-type.js';

/**
 * Matches notifications of Codex by method, as on the wire (`item/started`) or normalised
 * (`item.started`); without a method, every notification. Server requests are
 * {@link ofAppServerRequest | another matter}.
 *
 * @example
 * stream.events$.pipe(ofAppServer('item/agentMessage/delta'))
 *   .subscribe((event) => process.stdout.write(event.payload.params.delta));
 */
export function ofAppServer(): Matcher<Envelope<`app_server.${string}`, AppServerPayload>>;
export function ofAppServer<const Methods extends readonly [Open, ...Open[]]>(
  ...methods: { readonly [Index in keyof Methods]: NotificationOnly<Methods[Index]> }
): Matcher<AppServerEvent<Methods[number]>>;
export function ofAppServer(...methods: readonly string[]): Matcher {
  if (methods.length > 0) return matchMethods('ofAppServer', 'app_server.', methods);
  return createMatcher(
    'ofAppServer()',
    { prefixes: ['app_server.'] },
    ({ type }) => type.startsWith('app_server.') && !type.startsWith('app_server.request.'),
  );
}

type Open = NotificationMethod | (string & {});

type NotificationOnly<Method> = Method extends `app_server.request.${infer Rest}`
  ? `'${Method}' is the event type of a server request: use ofType('${Method}') or ofAppServerRequest('${Rest}')`
  : Method extends `app_server.${infer Rest}`
    ? `'${Method}' is an event type, not a method: use ofType('${Method}') or ofAppServer('${Rest}')`
    : Method extends NotificationMethod
      ? Method
      : Method extends ServerRequestMethod
        ? `'${Method}' is a server request: use ofAppServerRequest('${Method}')`
        : Method;

/**
 * A matcher of methods in either spelling. A name with a slash is a wire method; in one without,
 * dots separate the segments.
 */
export function matchMethods<Match extends Envelope>(
  operator: string,
  prefix: string,
  methods: readonly string[],
): Matcher<Match> {
  const types = methods.map((method) => {
    if (typeof method !== 'string' || method === '') {
      throw new TypeError(`${operator} takes methods as strings, such as 'item/started'.`);
    }
    if (method.startsWith('app_server.')) {
      throw new TypeError(
        `${operator}('${method}'): this is an event type, not a method. Use ofType('${method}').`,
      );
    }
    return prefix + (method.includes('/') ? normalizeMethod(method) : normalizeName(method));
  });
  const names = types.map((type) => type.slice(prefix.length));
  return matchTypes<Match>(`${operator}(${names.join(', ')})`, types);
}

const normalizeName = (name: string): string => name.split('.').map(normalizeMethod).join('.');
