import { describe, test } from '@jest/globals';
import type { AppServerEvent, AppServerRequestEvent, Envelope } from 'codex-rx';
import { envelope, notification, request } from 'codex-rx/testing';
import { expectTypeOf } from 'expect-type';

describe('envelope', () => {
  test('keeps its type and its payload', () => {
    expectTypeOf(envelope('a')).toEqualTypeOf<Envelope<'a', null>>();
    expectTypeOf(envelope('a', { n: 1 })).toEqualTypeOf<Envelope<'a', { n: number }>>();
  });
});

describe('notification', () => {
  test('is the event of its method', () => {
    expectTypeOf(notification('turn/started')).toEqualTypeOf<AppServerEvent<'turn/started'>>();
    // @ts-expect-error the protocol does not list it
    void notification('turn/dreamed');
    // @ts-expect-error it is a request
    void notification('item/tool/call');
  });

  test('takes any part of its params, and nothing else', () => {
    void notification('turn/completed', { turn: { status: 'failed' } });
    void notification('turn/completed', { threadId: 't', turn: { error: { message: 'no' } } });
    // @ts-expect-error a delta is text
    void notification('item/agentMessage/delta', { delta: 5 });
    // @ts-expect-error there is no such member
    void notification('item/agentMessage/delta', { text: 'Hi' });
    // @ts-expect-error it is in the turn
    void notification('turn/completed', { turnId: 'u' });
    // @ts-expect-error nor there is this one
    void notification('turn/completed', { turn: { state: 'failed' } });
  });

  test('needs the type of an item, and knows its members by it', () => {
    void notification('item/started', { item: { type: 'commandExecution', command: 'ls' } });
    // @ts-expect-error which item?
    void notification('item/started', { item: { command: 'ls' } });
    // @ts-expect-error a message has no command
    void notification('item/started', { item: { type: 'agentMessage', command: 'ls' } });
  });

  test('needs all of what is one of several', () => {
    void notification('thread/status/changed', { status: { type: 'active', activeFlags: [] } });
    // @ts-expect-error what is active has flags
    void notification('thread/status/changed', { status: { type: 'active' } });
  });
});

describe('request', () => {
  test('is the event of its method', () => {
    expectTypeOf(request('item/tool/call')).toEqualTypeOf<
      AppServerRequestEvent<'item/tool/call'>
    >();
    // @ts-expect-error it is a notification
    void request('turn/started');
  });

  test('takes any part of its params, and an id', () => {
    void request('item/tool/call', { tool: 'x', arguments: { any: ['thing'] } }, { id: 'r' });
    void request('mcpServer/elicitation/request', { mode: 'url', url: 'https://a/' });
    // @ts-expect-error how does it ask?
    void request('mcpServer/elicitation/request', { message: 'Who?' });
    // @ts-expect-error a form has no url
    void request('mcpServer/elicitation/request', { mode: 'form', url: 'https://a/' });
    // @ts-expect-error text or a number
    void request('item/tool/call', {}, { id: null });
  });
});
