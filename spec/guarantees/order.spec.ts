import { describe, expect, test } from '@jest/globals';
import { createRouter, ofAppServer, ofPrefix, ofTurnStarted } from 'codex-rx';
import { alphabet, marbles, seenBy } from 'codex-rx/testing';
import { timer } from 'rxjs';

const any = ofPrefix('');

describe('1. Order', () => {
  test('A handler sees events in wire order.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-i-(dddo)-c-|');
      const all = '          -t-i-(dddo)-c--';
      const items = '        ---i-(dddo)----';
      expectEnvelopes(seenBy(source, any)).toBe(all);
      expectEnvelopes(seenBy(source, ofPrefix('app_server.item.'))).toBe(items);
      void source.connect();
    });
  });

  test('So does a handler that takes its time.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-i-ddd---o-c-|');
      const handler = '      -t---i---d---d---d---o---c';
      expectEnvelopes(seenBy(source, any, () => timer(4))).toBe(handler);
      void source.connect();
    });
  });

  test('For one event, handlers run in the order of their registration.', () => {
    const ran: string[] = [];
    marbles(({ stream }) => {
      const source = stream('-t-|');
      source.on(ofTurnStarted(), () => ran.push('first'));
      source.on(any, () => ran.push('second'));
      source.on(ofAppServer('turn/started'), () => ran.push('third'));
      void source.connect();
    });
    expect(ran).toEqual(['first', 'second', 'third']);
  });

  test('What a handler emits comes after its event has reached every handler.', () => {
    marbles(({ hot, expectEnvelopes }) => {
      const router = createRouter();
      const source = hot('-t---c-');
      const before = '    -(td)c-';
      const emits = '     -t-----';
      const after = '     -(td)c-';
      const emit = () => {
        router.dispatch(alphabet.d);
      };
      expectEnvelopes(seenBy(router, any)).toBe(before);
      expectEnvelopes(seenBy(router, ofTurnStarted(), emit)).toBe(emits);
      expectEnvelopes(seenBy(router, any)).toBe(after);
      router.connect(source);
    });
  });
});
