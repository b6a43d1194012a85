import { isRequestId, type Envelope, type RequestId } from '../envelope/index.js';
import { mustBe } from '../options/index.js';
import { createMatcher, type Matcher, type MatcherKey } from './matcher.js';

/** A matcher of ids; a string matches the equal number, since servers send request ids as both. */
export function matchIds<Match extends Envelope = Envelope>(
  operator: string,
  ids: readonly RequestId[],
  keyed: (ids: readonly string[]) => MatcherKey,
  read: (event: Envelope) => RequestId | null,
): Matcher<Match> {
  const ok = ids.length > 0 && ids.every(isRequestId);
  mustBe(ok, operator, 'given ids: strings or whole numbers');
  const wanted = ids.map(String);
  const name = `${operator}(${wanted.join(', ')})`;
  return createMatcher(name, keyed(wanted), (event) => {
    const id = read(event);
    return wanted.includes((typeof id === 'number' ? String(id) : id) as string);
  });
}
