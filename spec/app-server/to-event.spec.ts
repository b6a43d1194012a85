import { describe, expect, test } from '@jest/globals';
import { marbles, notification, request } from 'codex-rx/testing';
import { timer } from 'rxjs';
import { toEvent } from '../../lib/app-server/to-event.js';
import { appServerFrames } from '../recordings/index.js';

const params = { threadId: 't', turnId: 'u', itemId: 'i', delta: 'x' };
const at = (ms: number) => new Date(ms).toISOString();

describe('toEvent', () => {
  test('makes of a notification what codex-manager makes of it', () => {
    const fields = { receivedAt: at(0) };
    const method = 'item/agentMessage/delta';
    marbles(() => {
      const event = toEvent({ method, params });
      expect(event).toEqual(notification(method, params, fields));
      expect(event.type).toBe('app_server.item.agent_message.delta');
      const expected = notification(method, params, fields);
      expect(Object.keys(event)).toEqual(Object.keys(expected));
      expect(Object.keys(event.payload as object)).toEqual(Object.keys(expected.payload));
    });
  });

  test('makes of a request what codex-manager makes of it', () => {
    const method = 'item/tool/call';
    const call = {
      threadId: 't',
      turnId: 'u',
      callId: 'c',
      namespace: null,
      tool: 'x',
      arguments: {},
    };
    const fields = { receivedAt: at(0) };
    marbles(() => {
      const event = toEvent({ method, id: 0, params: call });
      const expected = request(method, call, fields);
      expect(event).toEqual(expected);
      expect(event.type).toBe('app_server.request.item.tool.call');
      expect(Object.keys(event.payload as object)).toEqual(Object.keys(expected.payload));
    });
  });

  test('finds ids where they hide', () => {
    const ids = (method: string, params: unknown) => {
      const { threadId, turnId, requestId, payload } = toEvent({ method, params });
      expect(payload).toMatchObject({ context: { threadId, turnId } });
      return [threadId, turnId, requestId];
    };
    expect(ids('thread/started', { thread: { id: 't' } })).toEqual(['t', null, null]);
    expect(ids('turn/started', { threadId: 't', turn: { id: 'u' } })).toEqual(['t', 'u', null]);
    expect(ids('serverRequest/resolved', { threadId: 't', requestId: 0 })).toEqual(['t', null, 0]);
    expect(ids('account/updated', {})).toEqual([null, null, null]);
  });

  test.each([undefined, null, 'text', 5, [], { threadId: 5, turn: 'x' }])(
    'takes any params: %p',
    (params) => {
      const message = params === undefined ? { method: 'x/y' } : { method: 'x/y', params };
      const event = toEvent(message);
      expect(event).toMatchObject({ type: 'app_server.x.y', threadId: null, turnId: null });
      expect(event.payload).toMatchObject({ params: params ?? null });
    },
  );

  test('says when it was, to the millisecond', () => {
    marbles(() => {
      const times: unknown[] = [];
      const now = () => (toEvent({ method: 'a' }).payload as { receivedAt: string }).receivedAt;
      times.push(now(), now());
      timer(5).subscribe(() => times.push(now()));
      timer(6).subscribe(() => {
        expect(times).toEqual([at(0), at(0), at(5)]);
      });
    });
  });

  test('does not remember methods without end', () => {
    const type = (method: string) => toEvent({ method }).type;
    for (let i = 0; i < 2_500; i++) expect(type(`made/up${i}`)).toBe(`app_server.made.up${i}`);
    expect(type('made/up0')).toBe('app_server.made.up0');
    expect(type('__proto__')).toBe('app_server.proto');
  });

  test('keeps the params of every recorded frame as they are', () => {
    expect(appServerFrames.length).toBeGreaterThan(500);
    for (const { frame } of appServerFrames) {
      const { method, params, id } = frame as { method: string; params: unknown; id?: number };
      const event = toEvent(id === undefined ? { method, params } : { method, params, id });
      expect(event.payload).toMatchObject({ method });
      expect((event.payload as { params: unknown }).params).toBe(params);
      expect(event.type.startsWith('app_server.request.')).toBe(id !== undefined);
      if (id !== undefined)
        expect(event).toMatchObject({ requestId: id, payload: { requestId: id } });
    }
  });
});
