import { isRequestId, type Envelope, type RequestId } from '../envelope/index.js';
import { createMatcher, type Matcher, type MatcherKey } from './matcher.js';

/** A matcher of ids; a string matches the equal number, since servers send request ids as both. */
export function matchIds(
  operator: string,
  ids: readonly RequestId[],
  keyed: (ids: readonly string[]) => MatcherKey,
  read: (event: Envelope) => RequestId | null,
): Matcher {
  const odd = ids.findIndex((id) => !isRequestId(id));
  if (ids.length === 0 || odd !== -1) {
    const got = ids.length === 0 ? 'none' : shown(ids[odd]);
    throw new TypeError(
      `${operator} takes one or several ids (strings, or whole numbers), and got ${got}.`,
    );
  }
  const wanted = ids.map(String);
  const [only] = wanted;
  const name = `${operator}(${wanted.join(', ')})`;
  if (wanted.length === 1) {
    return createMatcher(name, keyed(wanted), (event) => {
      const id = read(event);
      return id === only || (typeof id === 'number' && String(id) === only);
    });
  }
  const set = new Set<string | null>(wanted);
  return createMatcher(name, keyed(wanted), (event) => {
    const id = read(event);
    return set.has(typeof id === 'number' ? String(id) : id);
  });
}

const shown = (id: unknown): string =>
  Array.isArray(id) ? 'an array: spread it' : String(id) || "''";
