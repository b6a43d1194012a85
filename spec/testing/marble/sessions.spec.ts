import { describe, expect, test } from '@jest/globals';
import { notification } from 'codex-rx/testing';
import { firstValueFrom } from 'rxjs';
import { createMarbleSessions, type SentMessage } from '../../../lib/testing/marble/sessions.js';

const ids = { threadId: 't', turnId: 'u' };
const started = notification('turn/started', { ...ids, turn: { id: 'u' } });
const completed = (status: 'completed' | 'interrupted' | 'failed') =>
  notification('turn/completed', { ...ids, turn: { id: 'u', status } });
const item = { id: 'i', type: 'agentMessage' as const, text: 'Hello' };

function stage({
  isAway = (): boolean => false,
  next = () => undefined as string | undefined,
} = {}) {
  const sessions = createMarbleSessions(0, isAway, next);
  const messages: SentMessage[] = [];
  sessions.messages$.subscribe((message) => messages.push(message));
  const ask = (path: string, body?: object) => {
    const reply$ = sessions.rest(path, body && JSON.stringify(body));
    return reply$ && firstValueFrom(reply$);
  };
  return { sessions, messages, ask };
}

describe('the sessions of a codex-manager in virtual time', () => {
  test('are idle and empty before anything has happened', async () => {
    const { ask } = stage();
    expect(await ask('/api/sessions/t')).toEqual({
      status: 200,
      body: {
        session: { sessionId: 't' },
        thread: { id: 't', status: { type: 'idle', activeFlags: [] }, turns: [] },
        transcript: [],
      },
    });
  });

  test('show turns and items as their events make them', async () => {
    const { sessions, ask } = stage();
    sessions.observe(started);
    sessions.observe(notification('item/started', { ...ids, item: { ...item, text: '' } }));
    expect(await ask('/api/sessions/t')).toMatchObject({
      body: {
        thread: { status: { type: 'active' }, turns: [{ id: 'u', status: 'inProgress' }] },
        transcript: [{ messageId: 'i', turnId: 'u', content: '', status: 'streaming' }],
      },
    });
    sessions.observe(notification('item/completed', { ...ids, item }));
    sessions.observe(completed('interrupted'));
    expect(await ask('/api/sessions/t')).toMatchObject({
      body: {
        thread: { status: { type: 'idle' }, turns: [{ id: 'u', status: 'interrupted' }] },
        transcript: [{ role: 'assistant', content: 'Hello', status: 'complete' }],
      },
    });
  });

  test('show a turn that failed as completed, as the real server does', async () => {
    const { sessions, ask } = stage();
    sessions.observe(started);
    sessions.observe(completed('failed'));
    expect(await ask('/api/sessions/t')).toMatchObject({
      body: { thread: { turns: [{ id: 'u', status: 'completed' }] } },
    });
  });

  test('show the status that an event has announced', async () => {
    const { sessions, ask } = stage();
    const status = { type: 'systemError' as const };
    sessions.observe(notification('thread/status/changed', { threadId: 't', status }));
    expect(await ask('/api/sessions/t')).toMatchObject({ body: { thread: { status } } });
  });

  test('learn nothing from events of no thread or of no turn', async () => {
    const { sessions, ask } = stage();
    sessions.observe({ ...started, threadId: null });
    sessions.observe({ ...started, turnId: null });
    expect(await ask('/api/sessions/t')).toMatchObject({ body: { thread: { turns: [] } } });
  });

  test('take a message, which begins the turn that comes next', async () => {
    const { messages, ask } = stage({ next: () => 'next' });
    expect(await ask('/api/sessions/t/messages', { text: 'Go' })).toMatchObject({
      status: 202,
      body: { status: 'accepted', turnId: 'next' },
    });
    expect(messages).toEqual([{ threadId: 't', text: 'Go', steers: null }]);
  });

  test('number a turn that no event announces', async () => {
    const { ask } = stage();
    expect(await ask('/api/sessions/t/messages', { text: 'Go' })).toMatchObject({
      body: { turnId: 'turn-1' },
    });
  });

  test('add a message to the turn that runs, and to no other', async () => {
    const { sessions, messages, ask } = stage();
    const steer = () => ask('/api/sessions/t/turns/u/steer', { input: 'More' });
    expect(await steer()).toMatchObject({ status: 409 });
    sessions.observe(started);
    expect(await steer()).toMatchObject({ status: 200, body: { turnId: 'u' } });
    expect(messages).toEqual([{ threadId: 't', text: 'More', steers: 'u' }]);
  });

  test('interrupt a turn that runs', async () => {
    const { sessions, ask } = stage();
    const interrupt = () => ask('/api/sessions/t/interrupt', {});
    expect(await interrupt()).toMatchObject({ status: 409, body: { status: 'no_active_turn' } });
    sessions.observe(started);
    expect(await interrupt()).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  test('leave other routes alone, and answer nothing while the server is away', async () => {
    expect(stage().ask('/api/health')).toBeNull();
    const { ask } = stage({ isAway: () => true });
    await expect(ask('/api/sessions/t')).rejects.toThrow('/api/sessions/t: no answer.');
  });
});
