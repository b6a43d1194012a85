import { describe, test } from '@jest/globals';
import {
  ofAppServer,
  type AppServerEvent,
  type AppServerPayload,
  type Envelope,
  type Incoming,
  type NotificationParams,
  ofType,
  notificationType,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { EMPTY, map, type Observable } from 'rxjs';

const events$: Observable<Envelope> = EMPTY;

describe('ofAppServer', () => {
  test('narrows payload.params by either spelling of a method', () => {
    const byWire = events$.pipe(
      ofAppServer('item/started'),
      map((event) => event.payload.params),
    );
    const byName = events$.pipe(
      ofAppServer('item.started'),
      map((event) => event.payload.params),
    );
    expectTypeOf(byWire).toEqualTypeOf<Observable<NotificationParams['item/started']>>();
    expectTypeOf(byName).toEqualTypeOf<Observable<NotificationParams['item/started']>>();
    expectTypeOf(byWire).toEqualTypeOf<Observable<Incoming.ItemStartedNotification>>();
  });

  test('gives a union for several methods, in mixed spellings, that the type tells apart', () => {
    const either = events$.pipe(ofAppServer('turn/started', 'item.agent_message.delta', 'error'));
    expectTypeOf(either).toEqualTypeOf<
      Observable<AppServerEvent<'turn/started' | 'item/agentMessage/delta' | 'error'>>
    >();
    void either.pipe(
      map((event) => {
        if (event.type === 'app_server.turn.started') {
          expectTypeOf(event.payload.params.turn).toEqualTypeOf<Incoming.Turn>();
        } else if (event.payload.method === 'error') {
          expectTypeOf(event.payload.params.willRetry).toBeBoolean();
        }
      }),
    );
  });

  test('gives an open Envelope, and never never, for a legacy event, and for a method that goes through ofType', () => {
    expectTypeOf(events$.pipe(ofAppServer('codex/event/token_count'))).toEqualTypeOf<
      Observable<Envelope>
    >();
    expectTypeOf(
      events$.pipe(ofAppServer('codex.event.token_count', 'item/started')),
    ).toEqualTypeOf<Observable<Envelope>>();
    const method = 'item/started' as string;
    expectTypeOf(events$.pipe(ofType(notificationType(method)))).toEqualTypeOf<
      Observable<Envelope>
    >();
  });

  test('gives any notification if no method is given', () => {
    expectTypeOf(events$.pipe(ofAppServer())).toEqualTypeOf<
      Observable<Envelope<`app_server.${string}`, AppServerPayload>>
    >();
  });

  test('narrows by its test, too', () => {
    const event = { type: 'x' } as Envelope;
    if (ofAppServer('turn/completed').test(event)) {
      expectTypeOf(event.payload.params.turn.status).toEqualTypeOf<Incoming.TurnStatus>();
    }
  });

  // What these errors say is stated in editor.spec.ts.
  test('takes no event type, no server request and no array', () => {
    const misuses = [
      // @ts-expect-error it is an event type
      () => ofAppServer('app_server.item.started'),
      // @ts-expect-error an event type, in second place
      () => ofAppServer('item/started', 'app_server.item.completed'),
      // @ts-expect-error it is a server request
      () => ofAppServer('item/tool/call'),
      // @ts-expect-error a server request by its normalised name
      () => ofAppServer('item.tool.call'),
      // @ts-expect-error a typing error
      () => ofAppServer('turn/complete'),
      // @ts-expect-error a typing error, in second place
      () => ofAppServer('item/started', 'item/strated'),
      // @ts-expect-error a method in a variable
      (method: string) => ofAppServer(method),
      // @ts-expect-error an array of them
      () => ofAppServer(['item/started']),
      // @ts-expect-error undefined is no method
      () => ofAppServer(undefined),
    ];
    expectTypeOf(misuses).toBeArray();
  });
});
