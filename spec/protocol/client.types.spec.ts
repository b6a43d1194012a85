import { describe, test } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import type {
  ClientNotificationParams,
  ClientRequestParams,
  ClientRequestResults,
  ExperimentalClientRequestParams,
  ExperimentalClientRequestResults,
  Incoming,
  MethodWithoutParams,
  Outgoing,
  ParamsArgument,
  StableOutgoing,
} from '../../lib/protocol/index.js';

/** A call as a client would declare it over these types. */
type Call<Params, Results extends Record<keyof Params, unknown>> = <Method extends keyof Params>(
  method: Method,
  ...params: ParamsArgument<Params[Method]>
) => Results[Method];

declare const call: Call<ClientRequestParams, ClientRequestResults>;
declare const callExperimental: Call<
  ExperimentalClientRequestParams,
  ExperimentalClientRequestResults
>;

const input = [{ type: 'text', text: 'hello' }] as const;
const lookup = { type: 'function', name: 'lookup', description: '', inputSchema: {} } as const;

/** For the types alone: the functions in it never run. */
const onlyTyped = (...calls: readonly (() => unknown)[]): number => calls.length;

describe('what a client calls', () => {
  test('has a result for each method', () => {
    expectTypeOf<keyof ClientRequestResults>().toEqualTypeOf<keyof ClientRequestParams>();
    expectTypeOf<keyof ExperimentalClientRequestResults>().toEqualTypeOf<
      keyof ExperimentalClientRequestParams
    >();
    expectTypeOf<keyof ClientRequestParams>().toExtend<keyof ExperimentalClientRequestParams>();
  });

  test('returns what the server sends, open to what is newer', () => {
    onlyTyped(() => {
      expectTypeOf(call('thread/start', {})).toEqualTypeOf<Incoming.ThreadStartResponse>();
      expectTypeOf(call('turn/start', { threadId: 't', input }).turn.status).toEqualTypeOf<
        Incoming.Turn['status']
      >();
      expectTypeOf(
        call('thread/resume', { threadId: 't', excludeTurns: true }).thread,
      ).toEqualTypeOf<Incoming.Thread>();
      expectTypeOf(call('turn/interrupt', { threadId: 't', turnId: 'u' })).toEqualTypeOf<
        Readonly<Record<string, unknown>>
      >();
      expectTypeOf(call('account/logout')).toEqualTypeOf<Incoming.LogoutAccountResponse>();
      expectTypeOf(
        call('config/value/write', { keyPath: 'model', value: 'm', mergeStrategy: 'replace' }),
      ).toEqualTypeOf<Incoming.ConfigWriteResponse>();
    });
    expectTypeOf<'invented'>().toExtend<ClientRequestResults['turn/start']['turn']['status']>();
    expectTypeOf<'invented'>().not.toExtend<ClientRequestParams['thread/list']['sortDirection']>();
  });

  test('takes the params of its method and no others', () => {
    onlyTyped(
      // @ts-expect-error no such method
      () => call('thread/begin', {}),
      // @ts-expect-error a notification is no request
      () => call('turn/started', {}),
      // @ts-expect-error a wrong type
      () => call('thread/start', { cwd: 5 }),
      // @ts-expect-error a wrong value
      () => call('thread/start', { sandbox: 'none' }),
      // @ts-expect-error a member that the schema does not list
      () => call('thread/start', { directory: '/' }),
      // @ts-expect-error a member is missing
      () => call('turn/start', { input }),
      // @ts-expect-error an input that the schema does not list
      () => call('turn/start', { threadId: 't', input: [{ type: 'smell' }] }),
      // @ts-expect-error these params are empty
      () => call('modelProvider/capabilities/read', { id: 'm' }),
    );
  });

  test('needs its params wherever the method has some, even if they may be empty', () => {
    onlyTyped(
      () => call('thread/list', {}),
      () => call('modelProvider/capabilities/read', {}),
      // @ts-expect-error the server refuses it without params
      () => call('thread/list'),
      // @ts-expect-error empty ones too
      () => call('modelProvider/capabilities/read'),
      // @ts-expect-error null is not what is missing
      () => call('thread/list', null),
    );
  });

  test('takes none where the method has none', () => {
    onlyTyped(
      () => call('account/logout'),
      () => call('account/logout', undefined),
      // @ts-expect-error it has none
      () => call('account/logout', {}),
      () => call('account/rateLimits/read'),
      () => call('account/rateLimits/read', {}),
      () => callExperimental('memory/reset'),
    );
    expectTypeOf<MethodWithoutParams<ClientRequestParams>>().toEqualTypeOf<
      | 'account/gatewayOAuth/cancel'
      | 'account/gatewayOAuth/login'
      | 'account/gatewayOAuth/read'
      | 'account/logout'
      | 'account/rateLimits/read'
      | 'account/securitySetup/read'
      | 'account/usage/read'
      | 'account/workspaceMessages/read'
      | 'config/mcpServer/reload'
      | 'configRequirements/read'
      | 'externalAgentConfig/import/readHistories'
      | 'windowsSandbox/readiness'
    >();
    expectTypeOf<'memory/reset'>().toExtend<MethodWithoutParams<ExperimentalClientRequestParams>>();
    expectTypeOf<'thread/start'>().not.toExtend<MethodWithoutParams<ClientRequestParams>>();
  });

  test('keeps apart what needs experimentalApi', () => {
    onlyTyped(
      () => callExperimental('thread/start', { dynamicTools: [lookup] }),
      // @ts-expect-error an experimental field
      () => call('thread/start', { dynamicTools: [lookup] }),
      () => callExperimental('thread/queue/list', { threadId: 't' }),
      // @ts-expect-error an experimental method
      () => call('thread/queue/list', { threadId: 't' }),
      () =>
        callExperimental('thread/items/list', {
          threadId: 't',
          deferOutput: { mcpToolCall: true },
        }),
      // @ts-expect-error an experimental field of a field
      () => call('thread/items/list', { threadId: 't', deferOutput: { mcpToolCall: true } }),
      // @ts-expect-error a tool that the schema does not list
      () => callExperimental('thread/start', { dynamicTools: [{ ...lookup, type: 'tool' }] }),
    );
    expectTypeOf<
      ClientRequestParams['thread/start']
    >().toEqualTypeOf<StableOutgoing.ThreadStartParams>();
    expectTypeOf<
      ExperimentalClientRequestParams['thread/start']
    >().toEqualTypeOf<Outgoing.ThreadStartParams>();
    expectTypeOf<ClientRequestParams['turn/interrupt']>().toEqualTypeOf<
      ExperimentalClientRequestParams['turn/interrupt']
    >();
  });

  test('may notify that it is initialized', () => {
    expectTypeOf<ClientNotificationParams>().toEqualTypeOf<{ readonly initialized: undefined }>();
  });
});
