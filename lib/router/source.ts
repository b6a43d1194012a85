import { pipe, type Observable, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { isMatcher, type Matcher, type MatcherKey, type Narrow } from '../match/index.js';

/** One step of a route's source: a matcher, or any operator that takes events. */
export type RouteStep = Matcher | OperatorFunction<Envelope, unknown>;

/** What a route listens to: a matcher, an operator, or several, applied from left to right. */
export type RouteSource = RouteStep | readonly [RouteStep, ...RouteStep[]];

type Output<Step, Input> =
  Step extends Matcher<infer Match>
    ? Narrow<Input, Match>
    : Step extends (source: Observable<Envelope>) => Observable<infer Result>
      ? Envelope extends Result
        ? Result extends Envelope
          ? Input // take(1), distinct(): what goes in comes out
          : Result
        : Result
      : never;

/** The type of what several steps, applied from left to right, hand to a handler. */
export type Matched<Steps, Input = Envelope> = Steps extends readonly [infer First, ...infer Rest]
  ? Matched<Rest, Output<First, Input>>
  : Input;

/** A source, taken apart: what the index can use, what is tested, and what is left to RxJS. */
export interface CompiledSource {
  readonly name: string;
  readonly key: MatcherKey;
  /** What is left to test of an event that the index found by the key; `null`: nothing. */
  readonly test: ((event: Envelope) => boolean) | null;
  readonly pipeline: OperatorFunction<Envelope, unknown> | null;
}

export function compileSource(source: RouteSource): CompiledSource {
  const steps: readonly RouteStep[] = typeof source === 'function' ? [source] : source;
  if (!isList(steps) || steps.length === 0 || !steps.every(isFunction)) {
    throw new TypeError(
      'router.on takes a matcher such as ofAppServer(…), an operator, or a list of them.',
    );
  }
  const first = steps.findIndex((step) => !isMatcher(step));
  const matchers = steps.slice(0, first === -1 ? undefined : first) as readonly Matcher[];
  const operators = steps.slice(matchers.length) as OperatorFunction<unknown, unknown>[];
  const keys = matchers.map((matcher) => matcher.key);
  const key = keys.length > 0 ? keys.reduce(both) : { complete: true };
  return {
    name: steps.map((step) => step.name || 'operator').join(', '),
    key,
    test: key.complete ? null : everyTest(matchers.map((matcher) => matcher.test)),
    pipeline: operators.length === 0 ? null : pipe(...(operators as [])),
  };
}

const isList = (steps: unknown): boolean => Array.isArray(steps);

const isFunction = (step: unknown): boolean => typeof step === 'function';

function everyTest(tests: readonly ((event: Envelope) => boolean)[]): CompiledSource['test'] {
  const [first] = tests;
  return tests.length === 1 && first ? first : (event) => tests.every((test) => test(event));
}

const scopes = ['threads', 'turns', 'requests'] as const;

/** What holds of an event that has both keys. */
function both(a: MatcherKey, b: MatcherKey): MatcherKey {
  const types = common(a.types, b.types);
  const threads = common(a.threads, b.threads);
  const turns = common(a.turns, b.turns);
  const requests = common(a.requests, b.requests);
  // One list of prefixes is enough to find a route by, and none if its types are known.
  const prefixes = types ? undefined : (a.prefixes ?? b.prefixes);
  const key = { types, prefixes, threads, turns, requests };
  // An index goes by types or one list of prefixes, and by one of the scopes.
  const byPrefix = (a.prefixes ? 1 : 0) + (b.prefixes ? 1 : 0);
  const indexed = byPrefix === 0 || (byPrefix === 1 && types === undefined);
  const scoped = scopes.filter((scope) => key[scope]).length <= 1;
  const complete = a.complete === true && b.complete === true && indexed && scoped;
  return { ...(withoutUndefined(key) as MatcherKey), complete };
}

const common = (a?: readonly string[], b?: readonly string[]): readonly string[] | undefined =>
  a && b ? a.filter((id) => b.includes(id)) : (a ?? b);

const withoutUndefined = (key: object): object =>
  Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined));
