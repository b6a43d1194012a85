import { describe, test } from '@jest/globals';
import { ofPrefix, ofTurnStarted, type Envelope, type Route } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { Subject } from 'rxjs';

const any = ofPrefix('');

describe('4. Registration', () => {
  test('A route that is added during an event starts with the next one.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-t-(dd)-c-|');
      const added = '        ---(dd)-c--';
      const seen = new Subject<Envelope>();
      source.on(ofTurnStarted(), () => {
        source.on(any, (event) => {
          seen.next(event);
        });
      });
      expectEnvelopes(seen).toBe(added);
      void source.connect();
    });
  });

  test('One that is removed sees nothing more, not even the event that it is removed in.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-n-d-t-d-c-|');
      const removed = '      -n-d--------';
      const others = '       -n-d-t-d-c--';
      const [seen, seenByOthers] = [new Subject<Envelope>(), new Subject<Envelope>()];
      const routes: Route[] = [];
      source.on(ofTurnStarted(), () => {
        routes[0]?.unsubscribe();
      });
      routes.push(
        source.on(any, (event) => {
          seen.next(event);
        }),
      );
      source.on(any, (event) => {
        seenByOthers.next(event);
      });
      expectEnvelopes(seen).toBe(removed);
      expectEnvelopes(seenByOthers).toBe(others);
      void source.connect();
    });
  });
});
