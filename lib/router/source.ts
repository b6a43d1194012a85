import { pipe, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { isMatcher, type Matcher, type MatcherKey } from '../match/index.js';
import { mustBe, mustBeKnown } from '../options/index.js';
import type { Handler, RouteOptions } from './route.js';

/** One step of a route: a matcher, or any operator. */
export type RouteStep = Matcher | OperatorFunction<never, unknown>;

/** What `on` was called with. */
export interface RouteArguments {
  readonly steps: readonly RouteStep[];
  readonly handler: Handler<never>;
  readonly options: RouteOptions<never> | undefined;
}

/** The steps of a route, taken apart: what the index can use, what is tested, and the rest. */
export interface CompiledSource {
  readonly name: string;
  readonly key: MatcherKey;
  /** What is left to test of an event that the index found by the key; `null`: nothing. */
  readonly test: ((event: Envelope) => boolean) | null;
  readonly pipeline: OperatorFunction<Envelope, unknown> | null;
}

/**
 * Tells steps, handler and options apart: the last function is the handler.
 *
 * @throws TypeError that names the argument that is wrong.
 */
export function readRouteArguments(given: readonly unknown[]): RouteArguments {
  const at = given.map(isFunction).lastIndexOf(true);
  const [handler, options] = given.slice(Math.max(at, 1));
  const steps = given.slice(0, Math.max(at, 1)) as readonly RouteStep[];
  for (let index = 0; index < Math.max(steps.length, 1); index++) {
    mustBe(isFunction(steps[index]), `step ${index + 1}`, 'a matcher or an operator');
  }
  const isHandler = isFunction(handler) && !isMatcher(handler);
  const instead = isMatcher(handler) ? handler : at === 0 ? (steps[0] as RouteStep) : null;
  const shown = instead && `${instead.name || 'a function'}, after which the handler is missing`;
  mustBe(isHandler, 'handler', 'a function that takes the event', shown ?? undefined);
  const isOptions = options === undefined || (typeof options === 'object' && options !== null);
  mustBe(isOptions && given.length <= steps.length + 2, 'options', 'one object, after the handler');
  mustBeKnown('', options ?? {}, ['name', 'strategy', 'key', 'concurrency', 'bound', 'overflow']);
  return {
    steps,
    handler: handler as Handler<never>,
    options: options,
  };
}

export function compileSource(steps: readonly RouteStep[]): CompiledSource {
  const first = steps.findIndex((step) => !isMatcher(step));
  const matchers = steps.slice(0, first < 0 ? undefined : first) as readonly Matcher[];
  const operators = steps.slice(matchers.length) as OperatorFunction<unknown, unknown>[];
  const [key = { complete: true }, ...others] = matchers.map((matcher) => matcher.key);
  const isIndexed = others.length === 0 && key.complete;
  return {
    name: steps.map((step) => step.name || 'operator').join(', '),
    key: others.reduce(both, key),
    test: isIndexed ? null : (event) => matchers.every((matcher) => matcher.test(event)),
    pipeline: operators.length === 0 ? null : pipe(...(operators as [])),
  };
}

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** What holds of an event that has both keys. One list of prefixes is enough to find it by. */
const both = (a: MatcherKey, b: MatcherKey): MatcherKey => ({
  types: common(a.types, b.types),
  prefixes: a.prefixes ?? b.prefixes,
  threads: common(a.threads, b.threads),
  turns: common(a.turns, b.turns),
  requests: common(a.requests, b.requests),
  complete: b.complete,
});

const common = (a?: readonly string[], b?: readonly string[]): readonly string[] | undefined =>
  a && b ? a.filter((id) => b.includes(id)) : (a ?? b);
