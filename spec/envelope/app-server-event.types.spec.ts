import { describe, test } from '@jest/globals';
import type {
  AppServerEvent,
  AppServerPayload,
  AppServerRequestEvent,
  AppServerRequestPayload,
  Envelope,
  EventOfType,
  EventType,
  ManagerEvents,
  NotificationMethod,
  NotificationParams,
  RequestId,
  ServerRequestMethod,
  ServerRequestParams,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import type { NotificationNames, ServerRequestNames } from '../../lib/protocol/index.js';

describe('AppServerEvent', () => {
  test('is the same event in either spelling of its method', () => {
    expectTypeOf<AppServerEvent<'item/started'>>().toEqualTypeOf<AppServerEvent<'item.started'>>();
    expectTypeOf<AppServerEvent<'item/started'>>().toEqualTypeOf<
      Envelope<
        'app_server.item.started',
        AppServerPayload<'item/started', NotificationParams['item/started']>,
        string,
        string
      >
    >();
    expectTypeOf<AppServerEvent<'error'>['type']>().toEqualTypeOf<'app_server.error'>();
  });

  test('tells apart the members of a union of methods', () => {
    type Event = AppServerEvent<'turn/started' | 'item.completed'>;
    expectTypeOf<Event>().toEqualTypeOf<
      AppServerEvent<'turn/started'> | AppServerEvent<'item/completed'>
    >();
    expectTypeOf<
      Extract<Event, { type: 'app_server.turn.started' }>['payload']['method']
    >().toEqualTypeOf<'turn/started'>();
  });

  test('is an open Envelope for a method that is not listed, and never never', () => {
    expectTypeOf<AppServerEvent<'item/invented'>>().toEqualTypeOf<Envelope>();
    expectTypeOf<AppServerEvent>().toEqualTypeOf<Envelope>();
    expectTypeOf<AppServerEvent<'item/started' | 'item/invented'>>().toEqualTypeOf<
      AppServerEvent<'item/started'> | Envelope
    >();
  });

  test('knows every notification of the protocol by both of its names', () => {
    expectTypeOf<NotificationMethod>().toEqualTypeOf<
      keyof NotificationParams | keyof NotificationNames
    >();
    type Params = { [M in keyof NotificationParams]: AppServerEvent<M>['payload']['params'] };
    expectTypeOf<Params>().toEqualTypeOf<NotificationParams>();
    type Types = AppServerEvent<keyof NotificationParams>['type'];
    expectTypeOf<Types>().toEqualTypeOf<`app_server.${keyof NotificationNames}`>();
  });
});

describe('AppServerRequestEvent', () => {
  test('is the same event in either spelling, and bears a request id', () => {
    type Event = AppServerRequestEvent<'item/tool/call'>;
    expectTypeOf<Event>().toEqualTypeOf<AppServerRequestEvent<'item.tool.call'>>();
    expectTypeOf<Event>().toEqualTypeOf<
      Envelope<
        'app_server.request.item.tool.call',
        AppServerRequestPayload<'item/tool/call', ServerRequestParams['item/tool/call']>,
        string,
        string,
        RequestId
      >
    >();
    expectTypeOf<Event['payload']['requestId']>().toEqualTypeOf<RequestId>();
  });

  test('is an open Envelope for a method that is not listed, or a notification', () => {
    expectTypeOf<AppServerRequestEvent<'item/invented'>>().toEqualTypeOf<Envelope>();
    expectTypeOf<AppServerRequestEvent<'item/started'>>().toEqualTypeOf<Envelope>();
    expectTypeOf<AppServerRequestEvent>().toEqualTypeOf<Envelope>();
  });

  test('knows every server request of the protocol by both of its names', () => {
    expectTypeOf<ServerRequestMethod>().toEqualTypeOf<
      keyof ServerRequestParams | keyof ServerRequestNames
    >();
    type Params = {
      [M in keyof ServerRequestParams]: AppServerRequestEvent<M>['payload']['params'];
    };
    expectTypeOf<Params>().toEqualTypeOf<ServerRequestParams>();
  });
});

describe('EventOfType', () => {
  test('is typed where Codex or codex-manager lists the type, and open otherwise', () => {
    expectTypeOf<EventOfType<'app_server.item.started'>>().toEqualTypeOf<
      AppServerEvent<'item/started'>
    >();
    expectTypeOf<EventOfType<'app_server.request.item.tool.call'>>().toEqualTypeOf<
      AppServerRequestEvent<'item/tool/call'>
    >();
    expectTypeOf<EventOfType<'approval'>>().toEqualTypeOf<ManagerEvents['approval']>();
    expectTypeOf<EventOfType<'invented'>>().toEqualTypeOf<Envelope<'invented'>>();
    expectTypeOf<EventOfType<'app_server.invented'>>().toEqualTypeOf<
      Envelope<'app_server.invented'>
    >();
    expectTypeOf<EventOfType<'app_server.request.invented'>>().toEqualTypeOf<
      Envelope<'app_server.request.invented'>
    >();
    expectTypeOf<EventOfType>().toEqualTypeOf<Envelope>();
  });

  test('bears the type that it was asked for, for every listed type', () => {
    type Types = { [Type in EventType]: EventOfType<Type>['type'] };
    expectTypeOf<Types>().toEqualTypeOf<{ [Type in EventType]: Type }>();
  });

  test('has no wire method for a type', () => {
    expectTypeOf<EventOfType<'app_server.item/started'>>().toEqualTypeOf<
      Envelope<'app_server.item/started'>
    >();
  });
});
