import {
  normalizeMethod,
  type AppServerEvent,
  type AppServerPayload,
  type Envelope,
  type NotificationMethod,
} from '../envelope/index.js';
import type { CheckedNotification } from './checked-method.js';
import { mustBe } from '../options/index.js';
import { createMatcher, type Matcher } from './matcher.js';
import { matchTypes } from './of-type.js';

/** Matches every notification of Codex, and no server request. */
export function ofAppServer(): Matcher<Envelope<`app_server.${string}`, AppServerPayload>>;
/**
 * Matches notifications of Codex by method, as on the wire (`item/started`) or normalised
 * (`item.started`); without a method, every notification. Server requests are
 * {@link ofAppServerRequest | another matter}.
 *
 * The types list the methods that this version knows. A method of a newer server, or one in a
 * variable, goes through `ofType(notificationType(method))`.
 *
 * @example
 * stream.events$.pipe(ofAppServer('item/agentMessage/delta'))
 *   .subscribe((event) => process.stdout.write(event.payload.params.delta));
 */
export function ofAppServer<const Methods extends readonly [Open, ...Open[]]>(
  ...methods: { readonly [Index in keyof Methods]: CheckedNotification<Methods[Index]> }
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
    const isMethod = typeof method === 'string' && method !== '';
    mustBe(isMethod, operator, "given methods such as 'item/started'");
    const isType = method.startsWith('app_server.');
    mustBe(!isType, operator, `given methods: for the event type, use ofType('${method}')`);
    return prefix + (method.includes('/') ? normalizeMethod(method) : normalizeName(method));
  });
  return matchTypes<Match>(`${operator}(${methods.join(', ')})`, types);
}

const normalizeName = (name: string): string => name.split('.').map(normalizeMethod).join('.');
