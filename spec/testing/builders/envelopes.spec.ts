import { describe, expect, test } from '@jest/globals';
import {
  envelopeSchema,
  ofAppServer,
  ofAppServerRequest,
  parseEnvelope,
  type NotificationParams,
  type ServerRequestParams,
} from 'codex-rx';
import { envelope, notification, request } from 'codex-rx/testing';
import { knownNotifications, knownServerRequests } from '../../../lib/app-server/known-methods.js';
import { itemTypes } from '../../../lib/testing/builders/defaults/items.js';
import { elicitationModes } from '../../../lib/testing/builders/defaults/requests.js';

const threadId = '01a203ce-b96a-74e1-8c30-2808737b43dd';
const turnId = '01a203ce-b99a-7e53-bd4c-f803243dc619';

// Two frames of a recorded session with codex-manager, its `session` aside.
const started = {
  type: 'app_server.item.started',
  threadId,
  payload: {
    source: 'app_server',
    signalType: 'notification',
    eventType: 'app_server.item.started',
    method: 'item/started',
    receivedAt: '2026-11-22T15:10:09.416Z',
    context: { threadId, turnId },
    params: {
      item: {
        type: 'dynamicToolCall',
        id: 'call_1_1',
        tool: 'lookup_ticket',
        arguments: { id: 'T-2' },
        status: 'inProgress',
        contentItems: null,
        success: null,
        durationMs: null,
      },
      threadId,
      turnId,
    },
    session: null,
  },
} as const;

const called = {
  type: 'app_server.request.item.tool.call',
  threadId,
  payload: {
    source: 'app_server',
    signalType: 'request',
    eventType: 'app_server.request.item.tool.call',
    method: 'item/tool/call',
    receivedAt: '2026-11-22T15:10:09.417Z',
    context: { threadId, turnId },
    params: {
      threadId,
      turnId,
      callId: 'call_1_1',
      tool: 'lookup_ticket',
      arguments: { id: 'T-2' },
    },
    session: null,
    requestId: 0,
  },
} as const;

const notifications = [...knownNotifications] as (keyof NotificationParams)[];
const requests = [...knownServerRequests] as (keyof ServerRequestParams)[];

describe('envelope', () => {
  test('is what an event without ids reads as', () => {
    expect(envelope('a')).toEqual({
      type: 'a',
      threadId: null,
      turnId: null,
      requestId: null,
      payload: null,
    });
    expect(envelope('a', 1, { threadId: 't', turnId: 'u', requestId: 0 })).toEqual({
      type: 'a',
      threadId: 't',
      turnId: 'u',
      requestId: 0,
      payload: 1,
    });
    expect(envelopeSchema.safeParse(envelope('a')).success).toBe(true);
  });
});

describe('notification', () => {
  test('is what a recorded frame reads as', () => {
    const { receivedAt, params } = started.payload;
    const built = notification('item/started', params, { receivedAt });
    expect(built).toMatchObject(parseEnvelope(started));
    expect(Object.keys(built.payload)).toEqual(Object.keys(started.payload));
    expect(ofAppServer('item/started').test(built)).toBe(true);
  });

  test.each(notifications)('needs nothing but its method: %s', (method) => {
    const built = notification(method);
    expect(built).toEqual(parseEnvelope(built));
    expect(built).toEqual(parseEnvelope(JSON.parse(JSON.stringify(built))));
    expect(built.payload).toMatchObject({
      signalType: 'notification',
      method,
      receivedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(ofAppServer(method).test(built)).toBe(true);
  });

  test('takes its ids from its params, wherever they hide', () => {
    const ids = ({ threadId, turnId, requestId }: ReturnType<typeof envelope>) => [
      threadId,
      turnId,
      requestId,
    ];
    expect(ids(notification('item/agentMessage/delta') as never)).toEqual([
      'thread-1',
      'turn-1',
      null,
    ]);
    const { payload, ...started } = notification('turn/started', {
      threadId: 't',
      turn: { id: 'u' },
    });
    expect(started).toMatchObject({ threadId: 't', turnId: 'u', requestId: null });
    expect(payload.context).toEqual({ threadId: 't', turnId: 'u' });
    expect(notification('thread/started', { thread: { id: 't' } }).threadId).toBe('t');
    expect(notification('serverRequest/resolved', { requestId: 7 }).requestId).toBe(7);
    expect(notification('account/updated')).toMatchObject({ threadId: null, turnId: null });
    expect(notification('warning', { threadId: null }).threadId).toBeNull();
  });

  test('keeps the defaults of what is not said, at any depth', () => {
    const { turn } = notification('turn/completed', { turn: { status: 'failed' } }).payload.params;
    expect(turn).toMatchObject({ id: 'turn-1', items: [], status: 'failed', durationMs: 100 });
    const delta = notification('item/agentMessage/delta', { delta: '' }).payload.params;
    expect(delta).toEqual({ threadId: 'thread-1', turnId: 'turn-1', itemId: 'item-1', delta: '' });
  });

  test.each(itemTypes)(
    'knows items of the type %s, as they start and when they are done',
    (type) => {
      const begun = notification('item/started', { item: { type } as never }).payload.params.item;
      const { id, ...defaults } = begun;
      expect(begun).toMatchObject({ type, completedAtMs: null });
      expect(Object.keys(defaults).length).toBeGreaterThan(2);
      const item = { type, id: 'i' } as never;
      const done = notification('item/completed', { item }).payload.params.item;
      expect(done).toMatchObject({ type, id: 'i', completedAtMs: Date.parse('2026-01-01') });
      expect(id).not.toBe('i');
    },
  );

  test('says how an item ends only when it has', () => {
    const item = { type: 'commandExecution', command: 'make' } as const;
    expect(notification('item/started', { item }).payload.params.item).toMatchObject({
      command: 'make',
      status: 'inProgress',
      exitCode: null,
    });
    expect(notification('item/completed', { item }).payload.params.item).toMatchObject({
      command: 'make',
      status: 'completed',
      exitCode: 0,
    });
  });

  test('leaves an item alone whose type it does not know', () => {
    const item = { type: 'new', id: 'i' } as never;
    expect(notification('item/started', { item }).payload.params.item).toEqual({
      type: 'new',
      id: 'i',
    });
  });
});

describe('request', () => {
  test('is what a recorded frame reads as', () => {
    const { receivedAt, params, requestId: id } = called.payload;
    const built = request('item/tool/call', params, { id, receivedAt });
    expect(built).toMatchObject(parseEnvelope(called));
    expect(Object.keys(built.payload)).toEqual(Object.keys(called.payload));
    expect(ofAppServerRequest('item/tool/call').test(built)).toBe(true);
  });

  test.each(requests)('needs nothing but its method: %s', (method) => {
    const built = request(method);
    expect(built).toEqual(parseEnvelope(built));
    expect(built).toMatchObject({ requestId: 0, payload: { signalType: 'request', requestId: 0 } });
    expect(ofAppServerRequest(method).test(built)).toBe(true);
  });

  test('takes its ids from its params, the legacy ones too', () => {
    expect(request('item/tool/call', { threadId: 't', turnId: 'u' })).toMatchObject({
      threadId: 't',
      turnId: 'u',
    });
    expect(request('execCommandApproval', { conversationId: 't' })).toMatchObject({
      threadId: 't',
      turnId: null,
    });
    expect(request('item/tool/call', {}, { id: 'r' })).toMatchObject({
      requestId: 'r',
      payload: { requestId: 'r' },
    });
  });

  test.each(elicitationModes)('knows what an MCP server asks in the mode %s', (mode) => {
    const { params } = request('mcpServer/elicitation/request', { mode, serverName: 's' }).payload;
    expect(params).toMatchObject({ mode, serverName: 's', threadId: 'thread-1' });
    expect(Object.keys(params).length).toBeGreaterThan(5);
  });

  test('does not mix what needs no member with its default', () => {
    const call = request('item/tool/call', { arguments: { id: 'T-2' } });
    expect(call.payload.params.arguments).toEqual({ id: 'T-2' });
    const permissions = { fileSystem: { write: ['/work'] } };
    const asked = request('item/permissions/requestApproval', { permissions });
    expect(asked.payload.params.permissions).toEqual(permissions);
    const fileChanges = { '/b': { type: 'delete', content: '' } } as const;
    const patch = request('applyPatchApproval', { fileChanges });
    expect(patch.payload.params.fileChanges).toEqual(fileChanges);
    const rateLimits = { planType: 'pro' };
    const limited = notification('account/rateLimits/updated', { rateLimits });
    expect(limited.payload.params.rateLimits).toEqual(rateLimits);
  });
});
