import { filter, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';

/**
 * What an index can use of a matcher. Every event that passes the test has one of the `types` (or
 * begins with one of the `prefixes`), and one of the `threads`, `turns` and `requests`, where
 * given.
 */
export interface MatcherKey {
  readonly types?: readonly string[] | undefined;
  readonly prefixes?: readonly string[] | undefined;
  readonly threads?: readonly string[] | undefined;
  readonly turns?: readonly string[] | undefined;
  /** Request ids as strings. */
  readonly requests?: readonly string[] | undefined;
  /** Whether the key says all that the test does, so that an index need not ask it again. */
  readonly complete?: boolean | undefined;
}

/** `T` as far as it is `Match`; what is known of `T` already is kept. */
export type Narrow<T, Match> =
  // Inferred first: `T extends Match` would hide from TypeScript 5 that any matcher is a `Matcher`.
  [Match] extends [infer M] ? (T extends M ? T : M extends T ? M : T & M) : never;

/**
 * An operator that carries its own test: in a `pipe` it is a filter that narrows the type, in
 * `router.on` it is a key that the index can use.
 */
export interface Matcher<Match extends Envelope = Envelope> {
  <T extends Envelope>(source: Observable<T>): Observable<Narrow<T, Match>>;
  /** How the matcher was written, for example `ofAppServer(item.started)`. */
  readonly name: string;
  readonly test: (event: Envelope) => event is Match;
  readonly key: MatcherKey;
}

/**
 * The member by which a source learns of the matcher that comes first in its pipe: `events$` of a
 * stream, which then knows what its subscriber wants.
 */
export const matched: unique symbol = /* @__PURE__ */ Symbol.for('codex-rx.matched') as never;

/** A source that filters by itself. */
export interface MatchedSource {
  [matched](matcher: Matcher): Observable<Envelope>;
}

/** Makes an operator of a test, and of what an index can use of it. */
export function createMatcher<Match extends Envelope = Envelope>(
  name: string,
  key: MatcherKey,
  test: (event: Envelope) => boolean,
): Matcher<Match> {
  const operator = (source: Observable<Envelope> & Partial<MatchedSource>): Observable<Envelope> =>
    source[matched]?.(matcher) ?? source.pipe(filter((event) => test(event)));
  Object.defineProperty(operator, 'name', { value: name });
  const matcher = Object.assign(operator, { test, key }) as unknown as Matcher<Match>;
  return matcher;
}

/** Whether `operator` is a matcher: one of ours, or anything shaped like it. */
export const isMatcher = (operator: unknown): operator is Matcher =>
  typeof operator === 'function' && 'test' in operator && 'key' in operator;
