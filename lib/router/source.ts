import { pipe, type Observable, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { mustBe } from '../options/index.js';
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
  const ok = isList(steps) && steps.length > 0 && steps.every(isFunction);
  mustBe(ok, 'source', 'a matcher, an operator, or a list of them');
  const first = steps.findIndex((step) => !isMatcher(step));
  const matchers = steps.slice(0, first < 0 ? undefined : first) as readonly Matcher[];
  const operators = steps.slice(matchers.length) as OperatorFunction<unknown, unknown>[];
  const key = matchers.map((matcher) => matcher.key).reduce(both, {});
  const isIndexed = matchers.length === 0 || (matchers.length === 1 && key.complete);
  return {
    name: steps.map((step) => step.name || 'operator').join(', '),
    key,
    test: isIndexed ? null : (event) => matchers.every((matcher) => matcher.test(event)),
    pipeline: operators.length === 0 ? null : pipe(...(operators as [])),
  };
}

const isList: (steps: unknown) => boolean = Array.isArray;

const isFunction = (step: unknown): boolean => typeof step === 'function';

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
