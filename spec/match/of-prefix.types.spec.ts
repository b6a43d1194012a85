import { describe, test } from '@jest/globals';
import { ofAppServer, ofPrefix, type AppServerEvent, type Envelope } from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { EMPTY, type Observable } from 'rxjs';

const events$: Observable<Envelope> = EMPTY;

describe('ofPrefix', () => {
  test('narrows the type to those that begin so', () => {
    expectTypeOf(events$.pipe(ofPrefix('orchestrator_job_'))).toEqualTypeOf<
      Observable<Envelope<`orchestrator_job_${string}`>>
    >();
    expectTypeOf(events$.pipe(ofPrefix('a.', 'b.'))).toEqualTypeOf<
      Observable<Envelope<`a.${string}` | `b.${string}`>>
    >();
  });

  test('keeps what is known of an event, before it or after it', () => {
    type Started = Observable<AppServerEvent<'item/started'>>;
    const [prefix, method] = [ofPrefix('app_server.item.'), ofAppServer('item/started')];
    expectTypeOf(events$.pipe(prefix, method)).toEqualTypeOf<Started>();
    expectTypeOf(events$.pipe(method, prefix)).toEqualTypeOf<Started>();
  });

  test('wants at least one prefix, and strings', () => {
    const misuses = [
      // @ts-expect-error no prefix is given
      () => ofPrefix(),
      // @ts-expect-error an array of them
      () => ofPrefix(['a']),
    ];
    expectTypeOf(misuses).toBeArray();
  });
});
