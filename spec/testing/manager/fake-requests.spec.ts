import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FakeAnswer, FakeManagerOptions } from 'codex-rx/testing';
import { once } from 'node:events';
import { until } from '../../support/until.js';
import { startStage, type Listener, type Stage } from './manager-client.js';

let stage: Stage;
let all: Listener;

beforeEach(async () => {
  stage = await startStage();
  all = await stage.listen();
});

afterEach(async () => {
  await stage.close();
});

async function restage(options: FakeManagerOptions): Promise<void> {
  await stage.close();
  stage = await startStage(options);
  all = await stage.listen();
}

const command = 'item/commandExecution/requestApproval';
const call = 'item/tool/call';
const input = 'item/tool/requestUserInput';

/** A session with a turn that runs: nothing of it is left to be heard. */
async function startTurn(): Promise<string> {
  const id = stage.server.session();
  stage.server.startTurn(id);
  await all.types();
  return id;
}

const decide = (id: number | string, body: unknown) =>
  stage.call('POST', `/api/approvals/${id}/decision`, body);
const respond = (id: number | string, body: unknown) =>
  stage.call('POST', `/api/tool-calls/${id}/response`, body);
const choose = (id: number | string, body: unknown) =>
  stage.call('POST', `/api/tool-input/${id}/decision`, body);

/** What a promise has become so far. */
async function soFar(answer: Promise<FakeAnswer>): Promise<unknown> {
  return Promise.race([answer, Promise.resolve('nothing')]);
}

const status = 'app_server.thread.status.changed';
const resolved = 'app_server.server_request.resolved';

describe('a server request of a fake manager', () => {
  test.each([
    [
      'approvals',
      command,
      { itemId: 'i', command: 'ls' },
      'approval',
      { approvalId: '0', itemId: 'i', summary: 'Command approval required: ls' },
    ],
    [
      'approvals',
      command,
      { itemId: 'i', reason: 'to see' },
      'approval',
      { summary: 'Command approval required: to see' },
    ],
    [
      'approvals',
      'item/fileChange/requestApproval',
      { itemId: 'i', reason: null },
      'approval',
      { approvalId: '0', itemId: 'i', summary: 'File change approval required' },
    ],
    [
      'approvals',
      'execCommandApproval',
      { conversationId: 'thread-1', command: ['ls', '-l'] },
      'approval',
      { summary: 'Command approval required: ls -l', itemId: null },
    ],
    [
      'approvals',
      'applyPatchApproval',
      { conversationId: 'thread-1' },
      'approval',
      { summary: 'Patch approval required' },
    ],
    [
      'tool-calls',
      call,
      { callId: 'c', tool: 'weather', arguments: { city: 'Rome' } },
      'tool_call_requested',
      {
        requestId: '0',
        itemId: 'c',
        callId: 'c',
        tool: 'weather',
        arguments: { city: 'Rome' },
        summary: 'Tool call requested: weather',
      },
    ],
    [
      'tool-input',
      input,
      { itemId: 'i', questions: [{ id: 'q', header: 'H', question: 'Q?' }] },
      'tool_user_input_requested',
      {
        requestId: '0',
        itemId: 'i',
        summary: 'Tool input required (1 question)',
        questions: [
          { id: 'q', header: 'H', question: 'Q?', options: null, isOther: false, isSecret: false },
        ],
      },
    ],
    ['tool-input', input, {}, 'tool_user_input_requested', { questions: [], itemId: null }],
  ])('in %s: %s %j', async (list, method, params, type, payload) => {
    const id = await startTurn();
    void stage.server.request(id, method, params);
    await until(() => all.frames.some((frame) => frame.type === type));
    const [signal, asked] = all.frames.slice(-2);
    const ids = { threadId: id, turnId: 'turn-1' };
    expect(signal).toMatchObject({
      type: expect.stringMatching(/^app_server\.request\./),
      threadId: id,
      payload: { signalType: 'request', method, requestId: 0, params: { ...ids, ...params } },
    });
    expect(asked).toMatchObject({
      type,
      threadId: id,
      payload: { ...ids, ...payload, method, status: 'pending', details: { ...ids, ...params } },
    });
    const pending = await stage.call('GET', `/api/sessions/${id}/${list}`);
    expect(pending).toEqual([200, { data: [asked!.payload] }]);
  });

  test('that codex-manager does not support is refused by itself', async () => {
    const id = await startTurn();
    expect(await stage.server.request(id, 'attestation/generate', { x: 1 })).toEqual({
      error: {
        code: -32601,
        message: 'client does not support server-initiated method: attestation/generate',
      },
    });
    const params = { threadId: id, turnId: 'turn-1', x: 1 };
    await until(() => all.frames.some(({ type }) => type === 'server_request'));
    const [refused] = all.frames.filter(({ type }) => type === 'server_request');
    expect(refused!.payload).toEqual({ method: 'attestation/generate', id: 0, params });
  });

  test('is told as what its thread waits for, until all are answered', async () => {
    const id = await startTurn();
    const answers = [command, input, command].map((method) => stage.server.request(id, method));
    await choose(1, { decision: 'accept' });
    await decide(0, { decision: 'accept' });
    await decide(2, { decision: 'accept' });
    await Promise.all(answers);
    await until(() => all.frames.filter(({ type }) => type === resolved).length === 3);
    const flags = all.frames.flatMap(({ type, payload }) => {
      const { status: now } = Object(payload['params']) as { status?: { activeFlags: string[] } };
      return type === status ? [now!.activeFlags] : [];
    });
    expect(flags).toEqual([
      ['waitingOnApproval'],
      ['waitingOnApproval', 'waitingOnUserInput'],
      ['waitingOnApproval'],
      [],
    ]);
  });

  test('has the next number, whatever thread it is of', async () => {
    const [one, two] = [await startTurn(), await startTurn()];
    void stage.server.request(one, command);
    void stage.server.request(two, call);
    void stage.server.request(one, command);
    const ids = async (id: string, list: string) => {
      const [, { data }] = (await stage.call('GET', `/api/sessions/${id}/${list}`)) as readonly [
        number,
        { data: Record<string, string>[] },
      ];
      return data.map(({ approvalId, requestId }) => approvalId ?? requestId);
    };
    expect(await ids(one, 'approvals')).toEqual(['0', '2']);
    expect(await ids(two, 'tool-calls')).toEqual(['1']);
  });
});

describe('an answer to a fake manager', () => {
  test.each([
    [
      command,
      { decision: 'accept' },
      { decision: 'accept' },
      { decision: 'accept', scope: 'turn' },
    ],
    [
      command,
      { decision: 'accept', scope: 'session' },
      { decision: 'acceptForSession' },
      { decision: 'accept', scope: 'session' },
    ],
    [
      'item/fileChange/requestApproval',
      { decision: 'decline' },
      { decision: 'decline' },
      { decision: 'decline', scope: 'turn' },
    ],
    [
      'execCommandApproval',
      { decision: 'accept', scope: 'session' },
      { decision: 'approved_for_session' },
      { decision: 'accept', scope: 'session' },
    ],
    ['applyPatchApproval', { decision: 'cancel' }, { decision: 'abort' }, { decision: 'cancel' }],
    [
      call,
      { text: 'sunny' },
      { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true },
      { success: true },
    ],
    [
      call,
      { success: false, contentItems: [{ type: 'inputImage', imageUrl: 'data:' }] },
      { contentItems: [{ type: 'inputImage', imageUrl: 'data:' }], success: false },
      { success: false },
    ],
    [call, {}, { contentItems: [], success: true }, { success: true }],
    [call, { response: 'garbage', success: false }, 'garbage', { success: true }],
    [call, { response: null }, null, { success: true }],
    [call, { response: { success: false } }, { success: false }, { success: false }],
    [
      input,
      { decision: 'accept', answers: { q: { answers: ['a'] } } },
      { answers: { q: { answers: ['a'] } } },
      { decision: 'accept' },
    ],
    [input, { decision: 'accept' }, { answers: {} }, { decision: 'accept' }],
    [
      input,
      { decision: 'decline', answers: { q: { answers: ['a'] } } },
      { answers: {} },
      { decision: 'decline' },
    ],
    [
      input,
      { decision: 'cancel', response: { answers: 5 } },
      { answers: 5 },
      { decision: 'cancel' },
    ],
  ])('%s %j', async (method, body, result, told) => {
    const id = await startTurn();
    const answer = stage.server.request(id, method);
    await all.types();
    const [list, verb] = {
      [call]: ['tool-calls', 'response'],
      [input]: ['tool-input', 'decision'],
    }[method] ?? ['approvals', 'decision'];
    const idName = list === 'approvals' ? 'approvalId' : 'requestId';
    let heard: readonly string[] = [];
    const reply = await stage
      .call('POST', `/api/${list}/0/${verb}`, body)
      .finally(() => (heard = all.frames.map(({ type }) => type)));
    expect(reply).toEqual([200, { status: 'ok', [idName]: '0', threadId: id }]);
    expect(await answer).toEqual({ result });
    // Everybody is told before the reply comes.
    const [first] = all.frames;
    expect(heard[0]).toBe(first!.type);
    expect(first).toMatchObject({
      type: expect.stringMatching(/_resolved$/),
      threadId: id,
      payload: { [idName]: '0', status: 'resolved', ...told },
    });
    const isTold = (await all.types()).includes(resolved);
    expect(isTold).toBe(method !== call);
    expect(await stage.call('GET', `/api/sessions/${id}/${list}`)).toEqual([200, { data: [] }]);
    expect(await stage.call('POST', `/api/${list}/0/${verb}`, body)).toEqual([
      404,
      { status: 'not_found', [idName]: '0' },
    ]);
  });

  test('that cancels an approval interrupts the turn', async () => {
    const id = await startTurn();
    const answer = stage.server.request(id, command);
    await all.types();
    await decide(0, { decision: 'cancel' });
    expect(await answer).toEqual({ result: { decision: 'cancel' } });
    expect(await all.events()).toEqual([
      'approval_resolved',
      resolved,
      status,
      status,
      'app_server.turn.completed',
    ]);
  });

  test('of four at once only the first counts', async () => {
    const id = await startTurn();
    void stage.server.request(id, command);
    const replies = await Promise.all([1, 2, 3, 4].map(() => decide(0, { decision: 'accept' })));
    expect(replies.map(([code]) => code).sort()).toEqual([200, 404, 404, 404]);
    const heard = await all.events();
    expect(heard.filter((type) => type === 'approval_resolved')).toHaveLength(1);
  });

  test.each([
    ['approvals', 'decision', { decision: 'maybe' }],
    ['approvals', 'decision', { decision: 'accept', scope: 'always' }],
    ['approvals', 'decision', undefined],
    ['tool-calls', 'response', { contentItems: [{ type: 'nope' }] }],
    ['tool-calls', 'response', { success: 'yes' }],
    ['tool-calls', 'response', 'text'],
    ['tool-input', 'decision', { answers: {} }],
    ['tool-input', 'decision', { decision: 'accept', answers: { q: ['a'] } }],
  ])('that is none is refused, and leaves it pending: %s %s %j', async (list, verb, body) => {
    const method = { approvals: command, 'tool-calls': call, 'tool-input': input }[list]!;
    const id = await startTurn();
    const answer = stage.server.request(id, method);
    const [code, error] = await stage.call('POST', `/api/${list}/0/${verb}`, body);
    expect([code, error]).toMatchObject([
      400,
      { status: 'error', code: 'invalid_request', message: 'request validation failed' },
    ]);
    expect((error as { issues: unknown[] }).issues).not.toHaveLength(0);
    expect(await stage.call('GET', `/api/sessions/${id}/${list}`)).toMatchObject([
      200,
      { data: [{}] },
    ]);
    expect(await soFar(answer)).toBe('nothing');
  });

  test('to what nobody asked is not found, and to another kind of request neither', async () => {
    const id = await startTurn();
    void stage.server.request(id, command);
    expect(await respond(0, {})).toEqual([404, { status: 'not_found', requestId: '0' }]);
    expect(await choose('x%20y', { decision: 'accept' })).toEqual([
      404,
      { status: 'not_found', requestId: 'x y' },
    ]);
    expect(await decide('0x', { decision: 'accept' })).toMatchObject([404, { approvalId: '0x' }]);
  });

  test('of more than a mebibyte is too large, and one of that is not', async () => {
    const id = await startTurn();
    const answer = stage.server.request(id, call);
    const frame = JSON.stringify({ text: '' }).length;
    const text = (bytes: number) => 'x'.repeat(bytes - frame);
    expect(await respond(0, { text: text(2 ** 20 + 1) })).toEqual([
      413,
      { status: 'error', code: 'request_failed', message: 'Request body is too large' },
    ]);
    expect(await soFar(answer)).toBe('nothing');
    expect((await respond(0, { text: text(2 ** 20) }))[0]).toBe(200);
    expect(await answer).toMatchObject({ result: { success: true } });
    expect(stage.server.calls.map((made) => made.status)).toEqual([413, 200]);
  });

  test.each([
    [command, 409, { status: 'reconciled', approvalId: '0', code: 'conflict' }],
    [call, 409, { status: 'conflict', code: 'in_flight', requestId: '0' }],
    [command, 500, { status: 'error', approvalId: '0' }],
    [input, 500, { status: 'error', requestId: '0' }],
  ] as const)('to %s can be refused with %d, and counts the next time', async (...given) => {
    const [method, code, body] = given;
    const id = await startTurn();
    const answer = stage.server.request(id, method);
    const send = { [command]: decide, [call]: respond, [input]: choose }[method];
    stage.server.refuseAnswer(code);
    expect(await send(0, { decision: 'accept' })).toMatchObject([code, body]);
    expect(await soFar(answer)).toBe('nothing');
    expect((await send(0, { decision: 'accept' }))[0]).toBe(200);
  });

  test('and every call can be taken by the test, now or later', async () => {
    await restage({
      rest: async ({ method, url, body }) =>
        method === 'POST' && url.startsWith('/api/approvals')
          ? { status: 418, body: { given: body } }
          : null,
    });
    const id = await startTurn();
    void stage.server.request(id, command);
    expect(await decide(0, { decision: 'accept' })).toEqual([
      418,
      { given: { decision: 'accept' } },
    ]);
    expect(await stage.call('GET', `/api/sessions/${id}/approvals?x=1`)).toMatchObject([
      200,
      { data: [{}] },
    ]);
    expect(stage.server.calls).toMatchObject([
      {
        method: 'POST',
        url: '/api/approvals/0/decision',
        body: { decision: 'accept' },
        status: 418,
      },
      { method: 'GET', url: `/api/sessions/${id}/approvals?x=1`, body: undefined, status: 200 },
    ]);
  });
});

describe('what is pending at a fake manager expires', () => {
  test.each([
    [command, ['approval_resolved'], [resolved]],
    [input, ['tool_user_input_resolved'], [resolved]],
    [call, ['tool_call_resolved'], []],
  ])('with the turn that is interrupted: %s', async (method, expired, after) => {
    const id = await startTurn();
    const answer = stage.server.request(id, method);
    await all.types();
    await stage.call('POST', `/api/sessions/${id}/interrupt`, {});
    await until(() => all.frames.length > 4);
    const [told] = all.frames.filter(({ type }) => type === expired[0]);
    expect(told!.payload).toEqual({
      [method === command ? 'approvalId' : 'requestId']: '0',
      status: 'expired',
      ...(method === call ? { success: false } : {}),
    });
    expect(await all.types()).toEqual([
      ...[status, 'notification', 'app_server.turn.completed', ...expired, 'notification'],
      ...after.flatMap((type) => [type, 'notification']),
    ]);
    expect(await soFar(answer)).toBe('nothing');
    expect((await decide(0, { decision: 'accept' }))[0]).toBe(404);
  });

  test('with its Codex, which is silent then, and the server lives', async () => {
    const id = await startTurn();
    void stage.server.request(id, command);
    void stage.server.request(id, call);
    await all.types();
    expect(await stage.call('GET', '/api/health')).toMatchObject([
      200,
      { codex: { running: true } },
    ]);
    stage.server.killCodex();
    stage.server.killCodex();
    expect(await all.types()).toEqual(['approval_resolved', 'tool_call_resolved']);
    stage.server.notify(id, 'turn/diff/updated', {});
    void stage.server.request(id, command);
    const turn = stage.server.startTurn(id);
    turn.say('nothing');
    void turn.request(command);
    expect(await all.types()).toEqual([]);
    all.socket.send('{"type":"ping"}');
    await until(() => all.frames.some(({ type }) => type === 'pong'));
    expect(await stage.call('GET', '/api/health')).toMatchObject([
      200,
      { codex: { running: false, lastExit: { signal: 'SIGKILL' } } },
    ]);
    for (const [method, path] of [
      ['POST', ''],
      ['GET', ''],
      ['GET', `/${id}`],
      ['POST', `/${id}/messages`],
      ['POST', `/${id}/interrupt`],
      ['DELETE', `/${id}`],
    ] as const) {
      const body = method === 'POST' ? { text: 'x' } : undefined;
      expect((await stage.call(method, `/api/sessions${path}`, body))[0]).toBe(500);
    }
    expect(await stage.call('GET', `/api/sessions/${id}/approvals`)).toEqual([200, { data: [] }]);
    expect((await decide(0, { decision: 'accept' }))[0]).toBe(404);
  });

  test('with the server, without a word, and the numbers begin anew', async () => {
    const id = await startTurn();
    const turn = stage.server.startTurn('other');
    void stage.server.request(id, command);
    await all.types();
    const closed = once(all.socket, 'close');
    stage.server.restart();
    expect((await closed)[0]).toBe(1005);
    expect(await all.types()).toEqual([]);
    expect(turn.signal.aborted).toBe(true);
    expect((await decide(0, { decision: 'accept' }))[0]).toBe(404);
    expect(await stage.call('GET', `/api/sessions/${id}`)).toMatchObject([
      200,
      { thread: { status: { type: 'notLoaded' }, turns: [{ status: 'inProgress' }] } },
    ]);
    expect((await stage.call('POST', `/api/sessions/${id}/interrupt`, {}))[0]).toBe(409);
    all = await stage.listen();
    expect((await stage.call('POST', `/api/sessions/${id}/messages`, { text: 'x' }))[0]).toBe(202);
    void stage.server.request(id, command);
    await until(() => all.frames.some(({ type }) => type === 'approval'));
    expect(all.frames.at(-1)!.payload).toMatchObject({ approvalId: '0' });
    stage.server.killCodex();
    stage.server.restart();
    expect(await stage.call('GET', '/api/health')).toMatchObject([
      200,
      { codex: { running: true } },
    ]);
  });
});
