import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FakeManagerOptions, FakeTurn } from 'codex-rx/testing';
import { once } from 'node:events';
import { until } from '../../support/until.js';
import { startStage, type Stage } from './manager-client.js';

let stage: Stage;

beforeEach(async () => {
  stage = await startStage();
});

afterEach(async () => {
  await stage.close();
});

async function restage(options: FakeManagerOptions): Promise<void> {
  await stage.close();
  stage = await startStage(options);
}

/** A session of a client: its id. */
async function startSession(body: object = {}): Promise<string> {
  const [, { session }] = (await stage.call('POST', '/api/sessions', body)) as readonly [
    number,
    { session: { sessionId: string } },
  ];
  return session.sessionId;
}

const send = (sessionId: string, text = 'Hi') =>
  stage.call('POST', `/api/sessions/${sessionId}/messages`, { text });

const read = async (sessionId: string) => {
  const [, body] = await stage.call('GET', `/api/sessions/${sessionId}`);
  return body as {
    session: object;
    thread: { status: object; turns: { id: string; status: string; items: object[] }[] };
    transcript: { type: string; content: string; status: string }[];
  };
};

const internalError = expect.objectContaining({ status: 'error', code: 'internal_error' });
const invalid = expect.objectContaining({ status: 'error', code: 'invalid_request' });

describe('the sessions of a fake manager', () => {
  test('are made by clients, and told of', async () => {
    const all = await stage.listen();
    const [status, body] = await stage.call('POST', '/api/sessions', { cwd: '/work', model: 'm' });
    expect([status, body]).toMatchObject([
      200,
      {
        session: { sessionId: 'thread-1', title: 'New chat', cwd: '/work', materialized: false },
        thread: { id: 'thread-1', status: { type: 'idle' }, name: null, turns: [] },
      },
    ]);
    expect(await all.events()).toEqual([
      'app_server.thread.status.changed',
      'app_server.thread.started',
      'app_server.thread.name.updated',
    ]);
    expect(await stage.call('GET', '/api/sessions')).toMatchObject([
      200,
      { data: [{ sessionId: 'thread-1', sessionControls: { model: 'm' } }], nextCursor: null },
    ]);
  });

  test('are made by tests, and keep their dynamic tools', async () => {
    const tool = { name: 'weather', description: '', inputSchema: {} };
    const own = stage.server.session({ cwd: '/work', dynamicTools: [tool] });
    const theirs = await startSession({ dynamicTools: [{ ...tool, name: 'time' }] });
    expect(stage.server.tools(own)).toEqual([tool]);
    expect(stage.server.tools(theirs)).toEqual([{ ...tool, name: 'time' }]);
    stage.server.restart();
    expect(stage.server.tools(theirs)).toHaveLength(1);
    expect(stage.server.tools('nobody')).toEqual([]);
  });

  test.each([
    ['a tool without a schema', { dynamicTools: [{ name: 'a', description: '' }] }, 400, invalid],
    ['too many tools', { dynamicTools: Array(129).fill(tool('a')) }, 400, invalid],
    ['two tools of a name', { dynamicTools: [tool('a'), tool('a')] }, 500, internalError],
    ['a tool with the name of an MCP one', { dynamicTools: [tool('mcp__x')] }, 500, internalError],
    ['a sandbox that there is not', { filesystemSandbox: 'none' }, 400, invalid],
  ])('are refused with %s', async (_, given, status, body) => {
    expect(await stage.call('POST', '/api/sessions', given)).toEqual([status, body]);
  });

  test('answer oddly for an id that is none', async () => {
    const at = (path: string) => `/api/sessions/nobody${path}`;
    const none = { status: 'not_found', sessionId: 'nobody' };
    expect(await stage.call('GET', at(''))).toEqual([500, internalError]);
    expect(await stage.call('POST', at('/messages'), { text: 'x' })).toEqual([404, none]);
    expect(await stage.call('POST', at('/interrupt'), {})).toEqual([500, internalError]);
    expect(await stage.call('DELETE', at(''))).toEqual([404, none]);
    for (const list of ['approvals', 'tool-calls', 'tool-input']) {
      expect(await stage.call('GET', at(`/${list}`))).toEqual([200, { data: [] }]);
    }
    expect((await stage.call('GET', '/api/unheard-of'))[0]).toBe(404);
  });

  test('are renamed, and deleted for all', async () => {
    const id = await startSession();
    const other = await stage.listen('?threadId=other');
    const all = await stage.listen();
    const renamed = await stage.call('POST', `/api/sessions/${id}/rename`, { title: 'Mine' });
    expect(renamed).toMatchObject([200, { status: 'ok', session: { title: 'Mine' } }]);
    void stage.server.request(id, 'item/tool/call', { callId: 'c', tool: 'x' });
    await all.types();
    const deleted = await stage.call('DELETE', `/api/sessions/${id}`);
    expect(deleted).toMatchObject([200, { status: 'ok', sessionId: id, title: 'Mine' }]);
    expect(await all.types()).toEqual(['tool_call_resolved', 'session_deleted']);
    expect(await other.types()).toEqual(['session_deleted']);
    const gone = { status: 'deleted', sessionId: id };
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/approvals'],
      ['POST', '/messages'],
      ['POST', '/interrupt'],
      ['DELETE', ''],
    ] as const) {
      const body = method === 'POST' ? { text: 'x' } : undefined;
      expect(await stage.call(method, `/api/sessions/${id}${path}`, body)).toMatchObject([
        410,
        gone,
      ]);
    }
    stage.server.notify(id, 'turn/diff/updated', { diff: '' });
    expect(await all.types()).toEqual([]);
    expect(await stage.call('GET', '/api/sessions')).toMatchObject([200, { data: [] }]);
  });

  test('that are the server’s own are hidden, and nobody is asked', async () => {
    const all = await stage.listen();
    const id = stage.server.session({ systemOwned: true });
    // As on the real server, their birth is seen before they are known to be its own.
    expect(await all.events()).toContain('app_server.thread.started');
    const own = await stage.listen(`?threadId=${id}`);
    stage.server.notify(id, 'turn/diff/updated', { diff: '' });
    expect(await own.types()).toEqual(['turn_diff_updated', 'notification']);
    expect(await all.types()).toEqual([]);
    const ask = (method: string) => stage.server.request(id, method);
    expect(await ask('item/commandExecution/requestApproval')).toEqual({
      result: { decision: 'decline' },
    });
    expect(await ask('item/tool/call')).toMatchObject({ result: { success: false } });
    expect(await ask('item/tool/requestUserInput')).toEqual({ result: { answers: {} } });
    expect(await ask('unheard/of')).toMatchObject({ error: { code: -32600 } });
    const refused = { status: 'error', code: 'system_session', sessionId: id };
    for (const path of ['approvals', 'tool-calls', 'tool-input']) {
      expect(await stage.call('GET', `/api/sessions/${id}/${path}`)).toMatchObject([403, refused]);
    }
    expect(await send(id)).toMatchObject([403, refused]);
    expect((await stage.call('GET', `/api/sessions/${id}`))[0]).toBe(200);
    expect(await stage.call('GET', '/api/sessions')).toMatchObject([200, { data: [] }]);
    expect(await stage.call('GET', '/api/sessions?includeSystemOwned=true')).toMatchObject([
      200,
      { data: [{ sessionId: id }] },
    ]);
  });
});

function tool(name: string): object {
  return { name, description: '', inputSchema: {} };
}

const turnBegins = [
  'app_server.turn.started',
  'app_server.thread.status.changed',
  'app_server.item.started',
  'app_server.item.completed',
];
const turnEnds = ['app_server.thread.status.changed', 'app_server.turn.completed'];
const message = (words: number) => [
  'app_server.item.started',
  ...Array<string>(words).fill('app_server.item.agent_message.delta'),
  'app_server.item.completed',
];

describe('a turn of a fake manager', () => {
  test('is played by the script, after the reply, and completed with it', async () => {
    let replied = false;
    const seen: unknown[] = [];
    await restage({
      turn(turn) {
        seen.push(turn.text, replied);
        turn.say('Good day.');
      },
      rest({ url }) {
        if (url.endsWith('/messages')) queueMicrotask(() => (replied = true));
        return null;
      },
    });
    const all = await stage.listen();
    const id = await startSession();
    await all.types();
    expect(await send(id, 'Hello')).toEqual([
      202,
      { status: 'accepted', sessionId: id, turnId: 'turn-1' },
    ]);
    expect(seen).toEqual(['Hello', true]);
    await until(() => all.frames.some(({ type }) => type === 'app_server.turn.completed'));
    expect(await all.events()).toEqual([...turnBegins, ...message(2), ...turnEnds]);
    const { thread, transcript } = await read(id);
    expect(thread).toMatchObject({
      preview: 'Hello',
      status: { type: 'idle' },
      turns: [{ id: 'turn-1', status: 'completed' }],
    });
    expect(transcript.map(({ type, content }) => `${type}: ${content}`)).toEqual([
      'userMessage: Hello',
      'agentMessage: Good day.',
    ]);
  });

  test('has begun before the reply to the message', async () => {
    const all = await stage.listen();
    const id = await startSession();
    await all.types();
    let before: readonly string[] = [];
    const reply = send(id).then(() => (before = all.frames.map(({ type }) => type)));
    await reply;
    expect(before).toContain('app_server.turn.started');
  });

  test('fails with its script', async () => {
    await restage({
      turn: async () => {
        throw new Error('no luck');
      },
    });
    const all = await stage.listen();
    const id = await startSession();
    await send(id);
    await until(() => all.frames.some(({ type }) => type === 'app_server.turn.completed'));
    const error = { message: 'no luck', codexErrorInfo: 'other', additionalDetails: null };
    const [completed] = all.frames.filter(({ type }) => type === 'app_server.turn.completed');
    expect(completed!.payload['params']).toMatchObject({ turn: { status: 'failed', error } });
    expect((await all.events()).slice(-3)).toEqual([
      'app_server.thread.status.changed',
      'app_server.error',
      'app_server.turn.completed',
    ]);
  });

  test('is played step by step, and what comes after its end is ignored', async () => {
    const all = await stage.listen();
    const id = await startSession();
    const started = stage.server.turnStarted();
    await send(id, 'Go');
    const turn = await started;
    expect(turn).toMatchObject({ threadId: id, turnId: 'turn-1', text: 'Go' });
    await all.types();
    turn.notify('turn/diff/updated', { diff: 'x' });
    expect(all.frames).toEqual([]);
    expect(await all.events()).toEqual(['app_server.turn.diff.updated', 'turn_diff_updated']);
    turn.complete();
    expect(turn.signal.aborted).toBe(true);
    turn.complete();
    turn.fail('late');
    turn.say('late');
    turn.notify('turn/diff/updated');
    void turn.request('item/tool/call');
    expect(await all.events()).toEqual(turnEnds);
  });

  test('that is interrupted tells its script, which is heard no more', async () => {
    const turns: FakeTurn[] = [];
    await restage({
      async turn(turn) {
        turns.push(turn);
        await once(turn.signal, 'abort');
        turn.say('late');
      },
    });
    const all = await stage.listen();
    const id = await startSession();
    await send(id);
    await until(() => turns.length > 0);
    await all.types();
    const interrupted = await stage.call('POST', `/api/sessions/${id}/interrupt`, {});
    expect(interrupted).toEqual([200, { status: 'ok', sessionId: id, turnId: 'turn-1' }]);
    expect(await all.events()).toEqual(turnEnds);
    expect((await read(id)).thread.turns).toMatchObject([{ status: 'interrupted' }]);
    expect(await stage.call('POST', `/api/sessions/${id}/interrupt`)).toEqual([
      409,
      { status: 'no_active_turn', sessionId: id },
    ]);
  });

  test('takes what is said meanwhile, under an id that is never heard of again', async () => {
    const all = await stage.listen();
    const id = await startSession();
    const started = stage.server.turnStarted();
    await send(id, 'one');
    await all.types();
    expect(await send(id, 'two')).toMatchObject([202, { turnId: 'turn-2' }]);
    expect(await all.events()).toEqual([
      'app_server.turn.started',
      'app_server.item.started',
      'app_server.item.completed',
    ]);
    (await started).complete();
    expect(await all.events()).toEqual(turnEnds);
    const steer = (turnId: string) =>
      stage.call('POST', `/api/sessions/${id}/turns/${turnId}/steer`, { input: 'left' });
    expect((await steer('turn-1'))[0]).toBe(409);
    stage.server.startTurn(id);
    expect(await steer('turn-3')).toMatchObject([
      200,
      { status: 'ok', turnId: 'turn-3', result: { status: 'performed' } },
    ]);
  });

  test('may be another client’s, of a thread that is no session yet', async () => {
    const all = await stage.listen();
    const turn = stage.server.startTurn('elsewhere', 'Hi');
    turn.say('Yes?');
    expect(await all.events()).toEqual([...turnBegins, ...message(1)]);
    expect((await read('elsewhere')).thread.turns).toMatchObject([{ status: 'inProgress' }]);
  });

  test('is told by the test alone, if nothing is announced', async () => {
    await restage({ announces: false, newId: (kind) => `my ${kind}` });
    const all = await stage.listen();
    const id = await startSession();
    expect(await send(id)).toMatchObject([202, { turnId: 'my turn' }]);
    expect(await all.types()).toEqual([]);
    stage.server.notify(id, 'turn/completed', { turn: { id: 'my turn', status: 'completed' } });
    expect(await all.types()).toEqual(['app_server.turn.completed', 'notification']);
    expect((await read(id)).thread.turns).toMatchObject([{ id: 'my turn', status: 'completed' }]);
    expect((await stage.call('POST', `/api/sessions/${id}/interrupt`, {}))[0]).toBe(409);
  });
});

describe('a notification of a fake manager', () => {
  test.each([
    ['account/login/completed', 'account_login_completed'],
    ['account/rateLimits/updated', 'account_rate_limits_updated'],
    ['account/updated', 'account_updated'],
    ['app/list/updated', 'app_list_updated'],
    ['mcpServer/oauthLogin/completed', 'mcp_oauth_completed'],
    ['thread/tokenUsage/updated', 'thread_token_usage_updated'],
    ['turn/diff/updated', 'turn_diff_updated'],
    ['turn/plan/updated', 'turn_plan_updated'],
  ])('%s has a second name', async (method, alias) => {
    const all = await stage.listen();
    stage.server.notify(null, method, { x: 1 });
    await until(() => all.frames.length === 3);
    const [signal, second, raw] = all.frames;
    expect(signal).toMatchObject({
      threadId: null,
      payload: { signalType: 'notification', method, params: { x: 1 }, session: null },
    });
    expect(second).toEqual({ type: alias, threadId: null, payload: { x: 1 } });
    expect(raw).toEqual({
      type: 'notification',
      threadId: null,
      payload: { method, params: { x: 1 } },
    });
  });

  test('gets the id of its thread, and of the turn that seems to be running', async () => {
    const all = await stage.listen();
    const id = await startSession();
    stage.server.startTurn(id);
    await all.types();
    stage.server.notify(id, 'thread/status/changed', { status: { type: 'idle' } });
    stage.server.notify(id, 'codex/event/x', { conversationId: id, id: 'other' });
    await until(() => all.frames.length === 4);
    expect(all.frames[0]).toMatchObject({
      threadId: id,
      payload: {
        context: { threadId: id, turnId: 'turn-1' },
        params: { threadId: id, status: { type: 'idle' } },
        session: { id, title: 'New chat', projectId: null },
      },
    });
    expect(all.frames[2]).toMatchObject({
      payload: {
        context: { turnId: 'turn-1' },
        params: { conversationId: id, id: 'other' },
      },
    });
  });

  test('comes six-fold for each delta, if it is asked for', async () => {
    await restage({ legacy: true });
    const all = await stage.listen();
    const turn = stage.server.startTurn('t');
    await all.types();
    turn.notify('item/agentMessage/delta', { itemId: 'i', delta: 'Hi' });
    turn.notify('item/reasoning/summaryTextDelta', { itemId: 'r', delta: 'hm', summaryIndex: 0 });
    turn.notify('turn/diff/updated', { diff: '' });
    await until(() => all.frames.length === 15);
    const raw = all.frames.filter(({ type }) => type === 'notification');
    expect(raw.map(({ payload }) => [payload['method'], payload['params']])).toMatchObject([
      [
        'codex/event/agent_message_content_delta',
        { msg: { thread_id: 't', turn_id: 'turn-1', item_id: 'i', delta: 'Hi' } },
      ],
      ['item/agentMessage/delta', { delta: 'Hi' }],
      ['codex/event/agent_message_delta', { id: 'turn-1', msg: { delta: 'Hi' } }],
      ['codex/event/reasoning_content_delta', { msg: { summary_index: 0 } }],
      ['item/reasoning/summaryTextDelta', {}],
      ['codex/event/agent_reasoning_delta', { conversationId: 't' }],
      ['turn/diff/updated', {}],
    ]);
  });
});
