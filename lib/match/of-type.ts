import type { EventOfType, EventType } from '../envelope/index.js';
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
  if (types.length === 0 || types.some((type) => typeof type !== 'string')) {
    throw new TypeError(`${name} takes one or several event types as strings.`);
  }
  const [only] = types;
  if (types.length === 1) {
    return createMatcher(name, { types, complete: true }, (event) => event.type === only);
  }
  const wanted = new Set(types);
  return createMatcher(name, { types, complete: true }, (event) => wanted.has(event.type));
}
