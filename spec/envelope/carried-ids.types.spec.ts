import { describe, expect, test } from '@jest/globals';
import {
  ofAppServer,
  ofAppServerRequest,
  ofType,
  type AppServerEvent,
  type AppServerRequestEvent,
  type Envelope,
  type EventOfType,
  type NotificationParams,
  type RequestId,
  type ServerRequestParams,
} from 'codex-rx';
import { notification, request } from 'codex-rx/testing';
import { expectTypeOf } from 'expect-type';
import { readFileSync } from 'node:fs';
import type { Observable } from 'rxjs';

/** The rows of a table of ids: a wire method and the names of ids. */
function rowsOf(file: string, name: string): readonly (readonly [string, readonly string[]])[] {
  const source = readFileSync(new URL(`../../lib/protocol/${file}`, import.meta.url), 'utf8');
  const body = source.split(`interface ${name} {`)[1]?.split('\n}')[0] ?? '';
  return [...body.matchAll(/readonly '?([\w/]+)'?:\s*([^;]+);/g)].map(
    ([, method = '', ids = '']) => [method, ids.match(/\w+Id/g) ?? []],
  );
}

const notifications = rowsOf('notifications.ts', 'NotificationIds');
const requests = rowsOf('requests.ts', 'ServerRequestIds');

/** Params with a thread, wherever Codex names it. */
type WithThread =
  | { readonly threadId: string }
  | { readonly conversationId: string }
  | { readonly thread: { readonly id: string } };

type WithTurn = { readonly turnId: string } | { readonly turn: { readonly id: string } };

type Ids<Params> = {
  readonly [Method in keyof Params]: readonly [
    [Params[Method]] extends [WithThread] ? string : string | null,
    [Params[Method]] extends [WithTurn] ? string : string | null,
  ];
};

describe('the ids that an event always carries', () => {
  test('are strings in its type, for every notification', () => {
    type OfEvents = {
      readonly [Method in keyof NotificationParams]: readonly [
        AppServerEvent<Method>['threadId'],
        AppServerEvent<Method>['turnId'],
      ];
    };
    expectTypeOf<OfEvents>().toEqualTypeOf<Ids<NotificationParams>>();
  });

  test('are strings in its type, for every server request, which has a request id too', () => {
    type OfEvents = {
      readonly [Method in keyof ServerRequestParams]: readonly [
        AppServerRequestEvent<Method>['threadId'],
        AppServerRequestEvent<Method>['turnId'],
      ];
    };
    expectTypeOf<OfEvents>().toEqualTypeOf<Ids<ServerRequestParams>>();
    expectTypeOf<
      AppServerRequestEvent<keyof ServerRequestParams>['requestId']
    >().toEqualTypeOf<RequestId>();
  });

  test('are known of 62 and 28 notifications, and of 9 and 5 requests', () => {
    const counts = [notifications, requests].flatMap((rows) =>
      ['threadId', 'turnId'].map((id) => rows.filter(([, ids]) => ids.includes(id)).length),
    );
    expect(counts).toEqual([62, 28, 9, 5]);
  });

  test.each(notifications)('are found where a notification %s has them', (method, ids) => {
    expect(notification(method as keyof NotificationParams)).toMatchObject(
      Object.fromEntries(ids.map((id) => [id, expect.stringMatching(/./)])),
    );
  });

  test.each(requests)('are found where a request %s has them', (method, ids) => {
    expect(request(method as keyof ServerRequestParams)).toMatchObject(
      Object.fromEntries(ids.map((id) => [id, expect.stringMatching(/./)])),
    );
  });

  test('are strings after a matcher of such methods, and of such alone', () => {
    const check = (events$: Observable<Envelope>): void => {
      events$.pipe(ofAppServer('item/started', 'turn.completed')).subscribe((event) => {
        expectTypeOf(event.threadId).toEqualTypeOf<string>();
        expectTypeOf(event.turnId).toEqualTypeOf<string>();
      });
      events$.pipe(ofAppServer('thread/started', 'account/updated')).subscribe((event) => {
        expectTypeOf(event.threadId).toEqualTypeOf<string | null>();
      });
      events$.pipe(ofAppServerRequest('item/tool/call')).subscribe((event) => {
        expectTypeOf(event.turnId).toEqualTypeOf<string>();
        expectTypeOf(event.requestId).toEqualTypeOf<RequestId>();
      });
      events$.pipe(ofType('app_server.item.completed')).subscribe((event) => {
        expectTypeOf(event.turnId).toEqualTypeOf<string>();
      });
    };
    expect(check).toBeDefined();
    expectTypeOf<EventOfType<'app_server.error'>['threadId']>().toEqualTypeOf<string>();
  });
});
