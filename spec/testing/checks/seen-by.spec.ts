import { describe, expect, test } from '@jest/globals';
import { createRouter, forThread, ofAppServer, ofTurnStarted } from 'codex-rx';
import { alphabet, marbles, seenBy } from 'codex-rx/testing';
import { map, timer } from 'rxjs';

describe('seenBy', () => {
  test('shows what a handler sees: of a matcher, of several, and of any operator', () => {
    marbles(({ hot, expectEnvelopes, expectObservable }) => {
      const router = createRouter();
      const source = hot('-t-T-d-D-c-');
      const starts = '    -t-T-------';
      const thread = '    -t---------';
      const types = '     -a-b-------';
      const typesOf = map(({ threadId }: { threadId: string | null }) => threadId);
      expectEnvelopes(seenBy(router, ofTurnStarted())).toBe(starts);
      expectEnvelopes(seenBy(router, forThread('thread-1'), ofTurnStarted(), () => undefined)).toBe(
        thread,
      );
      expectObservable(seenBy(router, ofAppServer('turn/started'), typesOf, () => undefined)).toBe(
        types,
        {
          a: 'thread-1',
          b: 'thread-2',
        },
      );
      router.connect(source);
    });
  });

  test('runs the handler of a test, with the options of a route', () => {
    const handled: unknown[] = [];
    marbles(({ hot, expectEnvelopes }) => {
      const router = createRouter();
      const source = hot('-d-d-d-d-');
      const seen = '      -d---d---';
      const busy = () => {
        handled.push(router.routes[0]?.name);
        return timer(3);
      };
      const options = { strategy: 'exhaust', name: 'busy' } as const;
      expectEnvelopes(seenBy(router, ofAppServer(), busy, options)).toBe(seen);
      router.connect(source);
    });
    expect(handled).toEqual(['busy', 'busy']);
  });

  test.each<[string, readonly unknown[], string]>([
    ['nothing', [], '"step 1" must be a matcher or an operator.'],
    ['two matchers and no handler', [ofTurnStarted(), forThread('t')], '"handler" must be'],
    ['options in place of a handler', [ofTurnStarted(), { bound: 1 }], '"handler" must be'],
    [
      'an unknown option',
      [ofTurnStarted(), () => 1, { strateggy: 'merge' }],
      '"strateggy" is not an option: did you mean "strategy"?',
    ],
  ])('says at the call what is wrong, given %s', (_, given, message) => {
    const seen = seenBy as (...given: readonly unknown[]) => unknown;
    expect(() => seen(createRouter(), ...given)).toThrow(message);
  });

  test('has a route as long as somebody is subscribed', () => {
    const router = createRouter();
    const seen$ = seenBy(router, ofTurnStarted());
    expect(router.routes).toHaveLength(0);
    const seen: unknown[] = [];
    const subscription = seen$.subscribe((event) => seen.push(event));
    router.dispatch(alphabet.t);
    subscription.unsubscribe();
    router.dispatch(alphabet.t);
    expect(router.routes).toHaveLength(0);
    expect(seen).toEqual([alphabet.t]);
  });
});
