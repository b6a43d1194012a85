import type { EventOfType, EventType } from '../envelope/index.js';
import { mustBe } from '../options/index.js';
import { createMatcher, type Matcher } from './matcher.js';

/**
 * Matches events of exactly one of these types.
 *
 * @example
 * stream.events$.pipe(ofType('approval', 'tool_call_requested'))
 */
export function ofType<const Types extends readonly [Open, ...Open[]]>(
  // Not plainly `Types`: only of a mapped tuple do editors complete each member.
  ...types: { readonly [Index in keyof Types]: Types[Index] }
): Matcher<EventOfType<Types[number]>>;
export function ofType(...types: readonly string[]): Matcher {
  return matchTypes(`ofType(${types.join(', ')})`, types);
}

type Open = EventType | (string & {});

/** A matcher of exact types, under the name that its caller was written with. */
export function matchTypes<Match extends EventOfType>(
  name: string,
  types: readonly string[],
): Matcher<Match> {
  const ok = types.length > 0 && types.every((type) => typeof type === 'string');
  mustBe(ok, name, 'given event types as strings');
  return createMatcher(name, { types, complete: true }, ({ type }) => types.includes(type));
}
