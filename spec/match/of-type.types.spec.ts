import { describe, test } from '@jest/globals';
import {
  ofType,
  type AppServerEvent,
  type AppServerRequestEvent,
  type Envelope,
  type Incoming,
  type ManagerEvents,
  type RequestId,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { EMPTY, type Observable } from 'rxjs';

const events$: Observable<Envelope> = EMPTY;

describe('ofType', () => {
  test('narrows types that the protocol lists to their params', () => {
    expectTypeOf(events$.pipe(ofType('app_server.item.started'))).toEqualTypeOf<
      Observable<AppServerEvent<'item/started'>>
    >();
    expectTypeOf(events$.pipe(ofType('app_server.request.item.tool.call'))).toEqualTypeOf<
      Observable<AppServerRequestEvent<'item/tool/call'>>
    >();
  });

  test('keeps the literal of any other type', () => {
    expectTypeOf(events$.pipe(ofType('invented'))).toEqualTypeOf<
      Observable<Envelope<'invented'>>
    >();
  });

  test("narrows codex-manager's own types to their payloads", () => {
    expectTypeOf(events$.pipe(ofType('approval'))).toEqualTypeOf<
      Observable<ManagerEvents['approval']>
    >();
    const { test } = ofType('tool_call_requested', 'approval_resolved');
    const event = { type: 'x' } as Envelope;
    if (!test(event)) return;
    expectTypeOf(event.requestId).toEqualTypeOf<RequestId>();
    expectTypeOf(event.threadId).toEqualTypeOf<string>();
    if (event.type === 'tool_call_requested') {
      expectTypeOf(event.payload.arguments).toBeUnknown();
      expectTypeOf(event.payload.details).toEqualTypeOf<Incoming.DynamicToolCallParams>();
    } else if (event.payload.status === 'resolved') {
      expectTypeOf(event.payload.scope).toEqualTypeOf<'turn' | 'session'>();
    }
  });

  test('gives a union for several types, more than five included', () => {
    expectTypeOf(events$.pipe(ofType('a', 'b', 'c', 'd', 'e', 'f'))).toEqualTypeOf<
      Observable<
        | Envelope<'a'>
        | Envelope<'b'>
        | Envelope<'c'>
        | Envelope<'d'>
        | Envelope<'e'>
        | Envelope<'f'>
      >
    >();
    expectTypeOf(events$.pipe(ofType('approval', 'app_server.turn.started'))).toEqualTypeOf<
      Observable<ManagerEvents['approval'] | AppServerEvent<'turn/started'>>
    >();
  });

  test('gives an open Envelope for a type that is only known at run time', () => {
    const type = 'approval' as string;
    expectTypeOf(events$.pipe(ofType(type))).toEqualTypeOf<Observable<Envelope>>();
  });

  test('narrows by its test, too', () => {
    const { test } = ofType('approval');
    const event = { type: 'x' } as Envelope;
    if (test(event)) expectTypeOf(event.type).toEqualTypeOf<'approval'>();
  });

  test('wants at least one type, and strings', () => {
    // Not called: the types are what is tested, and at run time these throw.
    const misuses = [
      // @ts-expect-error no type is given
      () => ofType(),
      // @ts-expect-error a number is no type
      () => ofType(5),
      // @ts-expect-error an array of them
      () => ofType(['approval']),
    ];
    expectTypeOf(misuses).toBeArray();
  });
});
