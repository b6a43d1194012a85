import { EventPattern, MessagePattern } from '@nestjs/microservices';
import type { Later } from '../async/index.js';
import type { Envelope } from '../envelope/index.js';
import { isMatcher, type Matcher } from '../match/index.js';
import { mustBe, mustBeKnown } from '../options/index.js';
import type {
  AnswerOf,
  MethodOf,
  RequestMatcher,
  ServeOptions,
  ServerRequest,
} from '../requests/index.js';
import type { RouteOptions } from '../router/index.js';
import type { CodexContext } from './codex-context.js';
import { codexTransport, type StreamChoice } from './names.js';
import { giveContext } from './parameters.js';

/** Decorates a method whose parameters fit; one with fewer parameters fits too. */
type MethodThatFits<Method> = <F extends Method>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/** A method that handles events. */
export type EventMethod<Event> = MethodThatFits<(event: Event, context: CodexContext) => unknown>;

/** A method that answers requests, now or later; with `undefined` it leaves it to the next. */
export type RequestMethod<Method extends string> = MethodThatFits<
  (request: ServerRequest<Method>, context: CodexContext) => Later<AnswerOf<Method> | undefined>
>;

/** The options of a route, and the stream that it belongs to. */
export interface OnCodexOptions<Event = Envelope> extends RouteOptions<Event>, StreamChoice {}

/** The options of `requests.serve`, and the stream that asks. */
export interface OnRequestOptions<Method extends string = string>
  extends ServeOptions<Method>, StreamChoice {}

/** The options of a handler, within what Nest calls extras. */
export interface CodexExtras {
  readonly codex?: RouteOptions<Envelope> & ServeOptions;
}

const routeOptionNames = ['name', 'strategy', 'key', 'concurrency', 'bound', 'overflow', 'stream'];
const serveOptionNames = ['name', 'timeout', 'fallback', 'onError', 'stream'];

/**
 * Makes a method of a controller a handler of events: its first parameter is what the matcher lets
 * through, its second a {@link CodexContext}.
 *
 * In a controller: `@OnCodex(ofAppServer('turn/completed')) onTurn(event: Completed) {}`, where
 * `Completed` is `AppServerEvent<'turn/completed'>`.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function OnCodex<Event extends Envelope>(
  matcher: Matcher<Event>,
  options: OnCodexOptions<Event> = {},
): EventMethod<Event> {
  mustBe(isMatcher(matcher), 'matcher', "a matcher, such as ofAppServer('turn/completed')");
  mustBeKnown('', options, routeOptionNames);
  const { stream, ...others } = options;
  return (target, key, descriptor) => {
    const codex = { name: nameOf(target, key), ...others };
    giveContext(target, key);
    EventPattern<unknown>(matcher, codexTransport(stream), { codex })(target, key, descriptor);
  };
}

/**
 * Makes a method of a controller a handler of server requests: what it returns is the answer.
 * Handlers are asked in the order of their registration, until one answers or fails.
 *
 * In a controller: `@OnRequest('item/tool/call') onCall(call: Call) { return toolResult('…'); }`,
 * where `Call` is `ServerRequest<'item/tool/call'>`.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function OnRequest<const Source extends RequestMatcher>(
  source: Source,
  options: OnRequestOptions<MethodOf<Source>> = {},
): RequestMethod<MethodOf<Source>> {
  const isSource = ['string', 'function'].includes(typeof source) || Array.isArray(source);
  mustBe(isSource, 'source', 'a method, several, a matcher, or a test of a request');
  mustBeKnown('', options, serveOptionNames);
  const { stream, ...others } = options;
  return (target, key, descriptor) => {
    const codex = { name: nameOf(target, key), ...others };
    giveContext(target, key);
    MessagePattern(source, codexTransport(stream), { codex })(target, key, descriptor);
  };
}

/** `Turns.onTurn`: in errors, metrics and the audit. */
const nameOf = ({ constructor }: object, key: string | symbol): string =>
  `${constructor.name}.${String(key)}`;
