import { describe, expect, test } from '@jest/globals';
import { envelopeSchema, ofAppServer, ofAppServerRequest, parseEnvelope } from 'codex-rx';
import { envelope, notification, serverRequest } from 'codex-rx/testing';

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
};

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
};

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
    const built = notification('item/started', params as never, { threadId, turnId, receivedAt });
    expect(built).toEqual(parseEnvelope(started));
    expect(ofAppServer('item/started').test(built)).toBe(true);
  });

  test('has no ids, and a fixed time, unless it is given them', () => {
    expect(notification('item/started', started.payload.params as never)).toMatchObject({
      threadId: null,
      turnId: null,
      payload: {
        receivedAt: '2026-01-01T00:00:00.000Z',
        context: { threadId: null, turnId: null },
      },
    });
  });
});

describe('serverRequest', () => {
  test('is what a recorded frame reads as', () => {
    const { receivedAt, params, requestId } = called.payload;
    const fields = { threadId, turnId, receivedAt };
    const built = serverRequest('item/tool/call', requestId, params as never, fields);
    expect(built).toEqual(parseEnvelope(called));
    expect(built.requestId).toBe(0);
    expect(serverRequest('item/tool/call', 'r', params as never)).toMatchObject({
      threadId: null,
      requestId: 'r',
      payload: { requestId: 'r' },
    });
    expect(ofAppServerRequest('item/tool/call').test(built)).toBe(true);
  });
});
