import { describe, test } from '@jest/globals';
import {
  ofAppServerRequest,
  type AppServerRequestEvent,
  type AppServerRequestPayload,
  type Envelope,
  type RequestId,
  type ServerRequestParams,
  ofType,
  requestType,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { EMPTY, map, type Observable } from 'rxjs';

const events$: Observable<Envelope> = EMPTY;

describe('ofAppServerRequest', () => {
  test('narrows payload.params by either spelling of a method', () => {
    const byWire = events$.pipe(
      ofAppServerRequest('item/fileChange/requestApproval'),
      map((event) => event.payload.params),
    );
    const byName = events$.pipe(
      ofAppServerRequest('item.file_change.request_approval'),
      map((event) => event.payload.params),
    );
    type Params = ServerRequestParams['item/fileChange/requestApproval'];
    expectTypeOf(byWire).toEqualTypeOf<Observable<Params>>();
    expectTypeOf(byName).toEqualTypeOf<Observable<Params>>();
  });

  test('gives a union for several methods', () => {
    expectTypeOf(
      events$.pipe(ofAppServerRequest('item/tool/call', 'exec_command_approval')),
    ).toEqualTypeOf<Observable<AppServerRequestEvent<'item/tool/call' | 'execCommandApproval'>>>();
  });

  test('leaves a method that is not listed, or one in a variable, to ofType', () => {
    const method = 'item/tool/call' as string;
    expectTypeOf(events$.pipe(ofType(requestType(method)))).toEqualTypeOf<Observable<Envelope>>();
  });

  test('gives any server request, with its id, if no method is given', () => {
    const any = events$.pipe(ofAppServerRequest());
    expectTypeOf(any).toEqualTypeOf<
      Observable<Envelope<`app_server.request.${string}`, AppServerRequestPayload>>
    >();
    void any.pipe(map((event) => expectTypeOf(event.payload.requestId).toEqualTypeOf<RequestId>()));
  });

  // What these errors say is stated in editor.spec.ts.
  test('takes no event type, no notification and no array', () => {
    const misuses = [
      // @ts-expect-error it is an event type
      () => ofAppServerRequest('app_server.request.item.tool.call'),
      // @ts-expect-error the event type of a notification
      () => ofAppServerRequest('app_server.item.started'),
      // @ts-expect-error it is a notification
      () => ofAppServerRequest('item/started'),
      // @ts-expect-error a notification by its normalised name
      () => ofAppServerRequest('item.started'),
      // @ts-expect-error a typing error
      () => ofAppServerRequest('item/tool/cal'),
      // @ts-expect-error a method in a variable
      (method: string) => ofAppServerRequest(method),
      // @ts-expect-error an array of them
      () => ofAppServerRequest(['item/tool/call']),
    ];
    expectTypeOf(misuses).toBeArray();
  });
});
