import { expect, test } from '@jest/globals';
import type { Envelope, Matcher, MatcherKey } from 'codex-rx';
import fc from 'fast-check';

const ids = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(null, 't1', 't2', 'u1', '0', '1', '') },
  { weight: 1, arbitrary: fc.string() },
  // No source makes such ids, but whoever writes envelopes by hand may.
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(undefined, { toString: 1 }, Object.create(null) as object),
  },
);

const requestIds = fc.oneof(fc.constantFrom(0, 1, -0, '0'), fc.integer(), ids);

const known = fc.constantFrom(
  'approval',
  'approval_resolved',
  'notification',
  'app_server.',
  'app_server.item.started',
  'app_server.item.completed',
  'my.app_server.item.started',
  'app_server.turn.started',
  'app_server.request.item.tool.call',
  'app_server.request.',
  'app_server.requested',
  '__proto__',
  'constructor',
  'error',
  '',
);

const types = fc.oneof(
  { weight: 4, arbitrary: known },
  { weight: 1, arbitrary: fc.string().map((rest) => `app_server.${rest}`) },
  { weight: 1, arbitrary: fc.string() },
);

const payloads = fc.oneof(
  fc.jsonValue(),
  fc.record(
    { context: fc.jsonValue(), params: fc.jsonValue(), method: fc.jsonValue() },
    { requiredKeys: [] },
  ),
);

/** Any event, odd ones included. */
export const anyEvent = fc
  .record({
    type: types,
    threadId: ids,
    turnId: ids,
    requestId: requestIds,
    payload: payloads,
  })
  .map((event) => Object.freeze(event) as unknown as Envelope);

/** What holds of every matcher. `matcher` has to match some of `anyEvent`, and not all. */
export function testMatcherLaws(matcher: Matcher): void {
  test('answers for every event, whatever its payload, and answers the same again', () => {
    const answers = new Set<boolean>();
    fc.assert(
      fc.property(anyEvent, (event) => {
        const before = JSON.stringify(event);
        const answer = matcher.test(event);
        answers.add(answer);
        expect(matcher.test(event)).toBe(answer);
        expect(JSON.stringify(event)).toBe(before);
      }),
      { numRuns: 300 },
    );
    expect(answers).toEqual(new Set([true, false]));
  });

  test('has a key that holds of every event that it matches, and of no other if it is complete', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const keyed = holds(matcher.key, event);
        if (matcher.test(event)) expect(keyed).toBe(true);
        else if (matcher.key.complete) expect(keyed).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
}

/** What `MatcherKey` says of itself, in code. */
function holds(key: MatcherKey, event: Envelope): boolean {
  const named = key.types?.includes(event.type) ?? true;
  const prefixed = key.prefixes?.some((prefix) => event.type.startsWith(prefix)) ?? true;
  return (
    named &&
    prefixed &&
    among(key.threads, event.threadId) &&
    among(key.turns, event.turnId) &&
    among(key.requests, event.requestId)
  );
}

const among = (ids: readonly string[] | undefined, id: unknown): boolean =>
  ids === undefined ||
  ((typeof id === 'string' || typeof id === 'number') && ids.includes(String(id)));
