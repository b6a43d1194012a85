import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createRouter, matching, ofAppServer, ofPrefix, type Envelope } from 'codex-rx';
import { alphabet, marbles, seenBy } from 'codex-rx/testing';
import { map, throwError, timer, type OperatorFunction } from 'rxjs';

const any = ofPrefix('');
const deltas = ofAppServer('item/agentMessage/delta');

const boom = (): never => {
  throw new Error('boom');
};

const complain = jest.spyOn(console, 'error');

beforeEach(() => {
  complain.mockReset().mockReturnValue();
});

/** Every way to fail that a handler has in virtual time, and when it is told. */
const handlers: readonly (readonly [string, () => unknown, string])[] = [
  ['A handler that throws', boom, '                              ---d-d----'],
  ['One whose Observable errors', () => throwError(boom), '      ---d-d----'],
  ['One whose Observable errors later', () => timer(1).pipe(map(boom)), '----d-d---'],
];

const failsOnDeltas = (event: Envelope) => event !== alphabet.d || boom();

const sources: readonly (readonly [string, OperatorFunction<Envelope, unknown>, string])[] = [
  ['A matcher that throws', matching(failsOnDeltas), 'matcher'],
  ['A pipeline that dies', map(failsOnDeltas), 'pipeline'],
];

describe('3. Isolation', () => {
  test.each(handlers)('%s is reported, and touches nothing else.', (_, handler, errors) => {
    marbles(({ stream, expectEnvelopes, expectErrors }) => {
      const source = stream('-t-d-d-c-|');
      const before = '       -t-d-d-c--';
      const failing = '      ---d-d----';
      const after = '        -t-d-d-c--';
      const subscriber = '   -t-d-d-c-|';
      const d = { route: 'broken', kind: 'handler', cause: new Error('boom') } as const;
      expectEnvelopes(seenBy(source, any)).toBe(before);
      expectEnvelopes(seenBy(source, deltas, handler, { name: 'broken' })).toBe(failing);
      expectEnvelopes(seenBy(source, any)).toBe(after);
      expectEnvelopes(source).toBe(subscriber);
      expectErrors(source).toBe(errors, { d });
    });
    expect(complain).not.toHaveBeenCalled();
  });

  test.each(sources)('%s is reported, and its route lives on.', (_, broken, kind) => {
    marbles(({ hot, expectEnvelopes, expectObservable, expectErrors }) => {
      const router = createRouter();
      const source = hot('-t-d-c-');
      const before = '    -t-d-c-';
      const failing = '   -x---x-';
      const after = '     -t-d-c-';
      const errors = '    ---d---';
      const d = { route: 'broken', kind, envelope: alphabet.d, cause: new Error('boom') };
      const handled$ = seenBy(router, broken, () => undefined, { name: 'broken' });
      expectEnvelopes(seenBy(router, any)).toBe(before);
      expectObservable(handled$.pipe(map(() => 'x'))).toBe(failing);
      expectEnvelopes(seenBy(router, any)).toBe(after);
      expectErrors(router).toBe(errors, { d: d as never });
      router.connect(source);
    });
  });

  test('A handler that rejects is reported too, when its promise tells.', async () => {
    const router = createRouter();
    const seen: Envelope[] = [];
    const errors: unknown[] = [];
    router.errors$.subscribe(({ route, envelope, cause }) => errors.push([route, envelope, cause]));
    router.on(deltas, () => Promise.reject(new Error('boom')), { name: 'broken' });
    router.on(any, (event) => seen.push(event));
    router.dispatch(alphabet.d);
    router.dispatch(alphabet.c);
    await router.idle();
    expect(seen).toEqual([alphabet.d, alphabet.c]);
    expect(errors).toEqual([['broken', alphabet.d, new Error('boom')]]);
  });

  test('A listener of errors that throws is harmless.', () => {
    marbles(({ stream, expectEnvelopes, expectErrors }) => {
      const source = stream('-t-d-d-c-|');
      const subscriber = '   -t-d-d-c-|';
      const errors = '       ---d-d----';
      source.router.errors$.subscribe(boom);
      source.on(deltas, boom);
      expectEnvelopes(source).toBe(subscriber);
      expectErrors(source).toBe(errors);
    });
  });

  test('With no listener, errors go to the console: they are never silent.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-d-d-c-|');
      const failing = '      ---d-d----';
      expectEnvelopes(seenBy(source, deltas, boom)).toBe(failing);
      void source.connect();
    });
    expect(complain).toHaveBeenCalledTimes(2);
  });
});
