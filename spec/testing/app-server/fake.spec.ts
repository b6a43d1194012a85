import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  startFakeAppServer,
  type FakeAppServer,
  type FakeAppServerOptions,
  type FakeTurn,
} from 'codex-rx/testing';
import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { until } from '../../support/until.js';

let server: FakeAppServer;
const clients: WebSocket[] = [];

beforeEach(async () => {
  server = await startFakeAppServer();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await server.close();
});

interface Client {
  readonly socket: WebSocket;
  readonly frames: Record<string, unknown>[];
  send(frame: unknown): void;
  /** What a call was answered. */
  call(method: string, params?: object): Promise<unknown>;
}

function open(options: ClientOptions = {}, url = server.url): WebSocket {
  const socket = new WebSocket(url, options);
  socket.on('error', () => undefined);
  clients.push(socket);
  return socket;
}

async function restart(options: FakeAppServerOptions): Promise<void> {
  await server.close();
  server = await startFakeAppServer(options);
}

let ids = 0;

/** @param capabilities `null`: it is not initialized. */
async function join(capabilities: object | null = {}): Promise<Client> {
  const socket = open();
  const frames: Client['frames'] = [];
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Record<string, unknown>);
  });
  await once(socket, 'open');
  const client: Client = {
    socket,
    frames,
    send(frame) {
      socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    async call(method, params = {}) {
      const id = `call-${++ids}`;
      client.send({ id, method, params });
      const isAnswer = (frame: Record<string, unknown>) => frame['id'] === id;
      await until(() => frames.some(isAnswer));
      const [answer] = frames.splice(frames.findIndex(isAnswer), 1);
      Reflect.deleteProperty(answer!, 'id');
      return answer;
    },
  };
  if (capabilities !== null) {
    await client.call('initialize', { capabilities });
    // The greeting, which has a test of its own.
    await until(() => frames.length > 0);
    frames.length = 0;
  }
  return client;
}

const invalid = (message: string) => ({ error: { code: -32600, message } });
const told = ({ frames }: Client) => frames.map(({ method }) => method);
const asked = ({ frames }: Client) => frames.filter((frame) => 'id' in frame);

/** A client with a thread of its own, and its id. */
async function joinThread(): Promise<[Client, string]> {
  const client = await join();
  const { result } = (await client.call('thread/start')) as {
    result: { thread: { id: string } };
  };
  await until(() => client.frames.length > 0);
  client.frames.length = 0;
  return [client, result.thread.id];
}

describe('a fake app-server', () => {
  test('wants to be initialized first, and once', async () => {
    const client = await join(null);
    expect(await client.call('thread/loaded/list')).toEqual(invalid('Not initialized'));
    const clientInfo = { name: 'spec', version: '1' };
    expect(await client.call('initialize', { clientInfo, capabilities: null })).toMatchObject({
      result: { userAgent: expect.stringMatching(/^spec\//), platformOs: 'linux' },
    });
    await until(() => client.frames.length > 0);
    expect(client.frames).toMatchObject([
      { method: 'remoteControl/status/changed', params: { status: 'disabled' } },
    ]);
    expect(await client.call('initialize')).toEqual(invalid('Already initialized'));
    expect(await client.call('thread/loaded/list')).toEqual({
      result: { data: [], nextCursor: null },
    });
  });

  test.each([
    ['an Origin', { origin: 'http://localhost' }, undefined, 403],
    ['an Origin, whatever its token', { origin: 'null', authorization: 'Bearer s' }, 's', 403],
    ['no token', {}, 's', 401],
    ['a wrong token', { authorization: 'Bearer x' }, 's', 401],
  ])('refuses %s', async (_, headers, token, status) => {
    await restart(token === undefined ? {} : { token });
    const [, response] = (await once(open({ headers }), 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    expect(response.statusCode).toBe(status);
  });

  test('lets in who brings its token, and is no web server', async () => {
    await restart({ token: 's' });
    const connected = server.connected();
    await once(open({ headers: { authorization: 'Bearer s' } }), 'open');
    expect((await connected).headers['authorization']).toBe('Bearer s');
    const status = async (path: string) =>
      (await fetch(`${server.url.replace('ws', 'http')}${path}`)).status;
    expect(await Promise.all(['/', '/readyz', '/healthz'].map(status))).toEqual([400, 200, 200]);
  });

  test('listens where it is told to', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startFakeAppServer({ port })).rejects.toThrow('EADDRINUSE');
  });

  test('never says goodbye', async () => {
    const client = await join();
    client.socket.close();
    expect(await once(client.socket, 'close')).toEqual([1006, expect.anything()]);
    expect(server.sockets).toEqual([]);
  });

  test('ignores what is no message, and answers with an id of any kind', async () => {
    const client = await join();
    for (const text of ['', 'no json', 'null', '5', '[]', '{}', '{"id":5}', '{"method":"x"}']) {
      client.send(text);
    }
    client.socket.send(Buffer.from('{"id":7,"method":"x"}'), { binary: true });
    server.handle('made/up', () => null);
    const { error } = (await client.call('no/such')) as { error: { message: string } };
    expect(error.message).toMatch(
      /^Invalid request: unknown variant `no\/such`, expected one of `initialize`, .*`made\/up`$/,
    );
    expect(client.frames).toEqual([]);
    expect(server.received).toHaveLength(11);
    expect(server.sockets[0]!.received).toEqual(server.received);
  });

  test('answers as it is told to, now, later or never', async () => {
    const client = await join();
    server.handle('a', (params) => ({ result: params }));
    server.handle('b', async () => ({ error: { code: -32001, message: 'Later.' } }));
    server.handle('c', () => null);
    client.send({ id: 1, method: 'c' });
    expect(await client.call('a', { x: 1 })).toEqual({ result: { x: 1 } });
    expect(await client.call('b')).toEqual({ error: { code: -32001, message: 'Later.' } });
    expect(client.frames).toEqual([]);
  });

  test('tells of a thread who follows it, and of a new one everybody', async () => {
    const [one, threadId] = await joinThread();
    const [two, other] = await joinThread();
    expect([threadId, other]).toEqual(['thread-1', 'thread-2']);
    expect(one.frames).toMatchObject([
      { method: 'thread/started', params: { thread: { id: other } } },
    ]);
    server.notify(threadId, 'turn/started', { threadId });
    server.notify(null, 'account/updated', {});
    await until(() => two.frames.length > 0);
    expect(told(one).slice(1)).toEqual(['turn/started', 'account/updated']);
    expect(told(two)).toEqual(['account/updated']);
    expect(await one.call('thread/loaded/list')).toMatchObject({
      result: { data: [threadId, other] },
    });
    for (const method of ['thread/resume', 'thread/read', 'turn/start', 'turn/interrupt']) {
      expect(await one.call(method, { threadId: 'no' })).toEqual(invalid('thread not found: no'));
      expect(await one.call(method)).toEqual(invalid('Invalid request: missing field `threadId`'));
    }
    const unsubscribe = () => one.call('thread/unsubscribe', { threadId });
    expect(await unsubscribe()).toEqual({ result: { status: 'unsubscribed' } });
    expect(await unsubscribe()).toEqual({ result: { status: 'notSubscribed' } });
  });

  test('asks who follows a thread, and who resumes it, until somebody answers', async () => {
    const [one, threadId] = await joinThread();
    const stranger = await join();
    const answer = server.request(threadId, 'item/fileChange/requestApproval', { threadId });
    const two = await join();
    await two.call('thread/resume', { threadId });
    const request = { method: 'item/fileChange/requestApproval', id: 0, params: { threadId } };
    await until(() => asked(two).length > 0);
    expect(asked(one)).toEqual([request]);
    expect(asked(two)).toEqual([request]);
    const early = await join(null);
    early.send({ id: 0, result: 'too early' });
    await early.call('initialize');
    stranger.send({ id: 0, result: 'first' });
    expect(await answer).toEqual({ result: 'first' });
    one.send({ id: 0, result: 'second' });
    const resolved = { method: 'serverRequest/resolved', params: { threadId, requestId: 0 } };
    await until(() => told(one).includes(resolved.method) && told(two).includes(resolved.method));
    await one.call('thread/resume', { threadId });
    expect(one.frames.filter(({ method }) => method === resolved.method)).toMatchObject([resolved]);
    expect(asked(one)).toHaveLength(1);
    expect(stranger.frames).toEqual([]);
  });

  test('says nothing of a tool call that was answered', async () => {
    const [client, threadId] = await joinThread();
    const answer = server.request(threadId, 'item/tool/call', { threadId });
    client.send({ id: 0, error: { code: 1, message: 'no' } });
    expect(await answer).toEqual({ error: { code: 1, message: 'no' } });
    await client.call('thread/loaded/list');
    expect(told(client)).toEqual(['item/tool/call']);
  });

  test('begins anew when it is restarted: nothing is loaded, and ids count from 0', async () => {
    const [client, threadId] = await joinThread();
    void server.request(threadId, 'item/tool/call', {});
    server.restart();
    await once(client.socket, 'close');
    const next = await join();
    expect(await next.call('thread/loaded/list')).toMatchObject({ result: { data: [] } });
    await next.call('thread/resume', { threadId });
    void server.request(threadId, 'item/tool/call', {});
    await until(() => asked(next).length > 0);
    expect(asked(next)).toMatchObject([{ id: 0 }]);
  });

  test('sends what no server should send, and cuts clients off', async () => {
    const client = await join(null);
    const messages: string[] = [];
    client.socket.removeAllListeners('message');
    client.socket.on('message', (data: Buffer) => messages.push(data.toString()));
    server.sendRaw('garbage');
    server.sockets[0]!.sendRaw(Buffer.from('bytes'));
    await until(() => messages.length === 2);
    expect(messages).toEqual(['garbage', 'bytes']);
    server.terminate();
    expect(await once(client.socket, 'close')).toEqual([1006, expect.anything()]);
  });
});

const life = ({ frames }: Client) =>
  frames.map(({ method, params }) => {
    const { status, turn } = Object(params) as { status?: object; turn?: { status: string } };
    return [method, turn?.status ?? status].filter((part) => part !== undefined);
  });

const active = (...activeFlags: string[]) => ({ type: 'active', activeFlags });
const idle = { type: 'idle' };
const begun = [
  ['thread/status/changed', active()],
  ['turn/started', 'inProgress'],
  ['item/started'],
  ['item/completed'],
];
const input = (text: string) => [{ type: 'text', text }];

describe('a turn of a fake app-server', () => {
  /** Starts a turn in a thread that a client follows. */
  async function start(): Promise<[Client, string, FakeTurn]> {
    const [client, threadId] = await joinThread();
    const started = server.turnStarted();
    await client.call('turn/start', { threadId, input: input('Hi') });
    const turn = await started;
    await until(() => client.frames.length === begun.length);
    client.frames.length = 0;
    return [client, threadId, turn];
  }

  test('is played by the script, and completed with it', async () => {
    await restart({ turn: ({ say, text }) => say(`You said ${text}.`) });
    const [client, threadId] = await joinThread();
    expect(await client.call('turn/start', { threadId, input: input('Hello') })).toMatchObject({
      result: { turn: { id: 'turn-1', items: [], status: 'inProgress', startedAt: null } },
    });
    await until(() => told(client).includes('turn/completed'));
    expect(life(client)).toEqual([
      ...begun,
      ['item/started'],
      ...Array<unknown>(3).fill(['item/agentMessage/delta']),
      ['item/completed'],
      ['thread/readState/changed'],
      ['thread/status/changed', idle],
      ['turn/completed', 'completed'],
    ]);
    expect(client.frames.at(-1)).toMatchObject({
      params: {
        threadId,
        turn: {
          items: [{ type: 'agentMessage', text: 'You said Hello.' }],
          itemsView: 'summary',
          durationMs: expect.any(Number),
        },
      },
    });
    const read = { threadId, includeTurns: true };
    expect(await client.call('thread/read', read)).toMatchObject({
      result: {
        thread: {
          preview: 'Hello',
          turns: [
            { itemsView: 'full', items: [{ type: 'userMessage' }, { type: 'agentMessage' }] },
          ],
        },
        readState: { firstUnread: { type: 'turn', turnId: 'turn-1' } },
      },
    });
    expect(told(client).at(-1)).toBe('deprecationNotice');
    expect(await client.call('thread/read', { threadId })).toMatchObject({
      result: { thread: { turns: [] } },
    });
  });

  test('fails with its script', async () => {
    await restart({
      turn: async ({ fail }) => {
        fail('busy', 'internalServerError');
        throw new Error('unheard');
      },
    });
    const [client, threadId] = await joinThread();
    await client.call('turn/start', { threadId, input: [] });
    await until(() => told(client).includes('turn/completed'));
    expect(life(client).slice(4)).toEqual([
      ['thread/status/changed', { type: 'systemError' }],
      ['error'],
      ['thread/readState/changed'],
      ['turn/completed', 'failed'],
    ]);
    expect(client.frames.at(-1)).toMatchObject({
      params: { turn: { error: { message: 'busy', codexErrorInfo: 'internalServerError' } } },
    });
  });

  test('takes what is said meanwhile', async () => {
    const [client, threadId, turn] = await start();
    const same = { result: { turn: { id: turn.turnId } } };
    expect(await client.call('turn/start', { threadId, input: [] })).toMatchObject(same);
    const steer = (expectedTurnId: string) =>
      client.call('turn/steer', { threadId, expectedTurnId, input: [] });
    expect(await steer(turn.turnId)).toEqual({ result: { turnId: turn.turnId } });
    expect(await steer('other')).toEqual(invalid('no active turn to steer'));
    const said = ['item/started', 'item/completed'];
    expect(client.frames.map(({ method }) => method)).toEqual([...said, ...said]);
  });

  test('that is interrupted tells what it asked last, and is heard no more', async () => {
    const [client, threadId, turn] = await start();
    const { turnId } = turn;
    const answer = turn.request('item/commandExecution/requestApproval', { itemId: 'c' });
    void turn.request('item/tool/call', { callId: 'd' });
    await until(() => asked(client).length === 2);
    client.frames.length = 0;
    const interrupt = (id: string) => client.call('turn/interrupt', { threadId, turnId: id });
    expect(await interrupt('other')).toEqual(invalid('no active turn to interrupt'));
    expect(await interrupt(turnId)).toEqual({ result: {} });
    turn.say('late');
    client.send({ id: 0, result: { decision: 'accept' } });
    expect(await interrupt(turnId)).toEqual(invalid('no active turn to interrupt'));
    expect(life(client)).toEqual([
      ['thread/status/changed', idle],
      ['turn/completed', 'interrupted'],
      ['serverRequest/resolved'],
    ]);
    expect(await Promise.race([answer, Promise.resolve('nothing')])).toBe('nothing');
    expect(turn.signal.aborted).toBe(true);
  });

  test('tells what it waits for, but not of tool calls', async () => {
    const [client, , turn] = await start();
    const answers = [
      turn.request('item/tool/call', { callId: 'a' }),
      turn.request('item/tool/requestUserInput', { itemId: 'b', questions: [] }),
      turn.request('item/permissions/requestApproval', { itemId: 'c' }),
    ];
    await until(() => asked(client).length === 3);
    for (const id of [0, 1, 2]) client.send({ id, result: {} });
    await Promise.all(answers);
    await until(() => client.frames.length === 9);
    expect(life(client)).toEqual([
      ['item/tool/call'],
      ['thread/status/changed', active('waitingOnUserInput')],
      ['item/tool/requestUserInput'],
      ['thread/status/changed', active('waitingOnUserInput', 'waitingOnApproval')],
      ['item/permissions/requestApproval'],
      ['serverRequest/resolved'],
      ['thread/status/changed', active('waitingOnApproval')],
      ['serverRequest/resolved'],
      ['thread/status/changed', active()],
    ]);
  });

  test('reaches who follows, and its status everybody', async () => {
    const [client, threadId, turn] = await start();
    const stranger = await join();
    turn.notify('turn/diff/updated', { diff: '' });
    turn.complete();
    await until(() => told(client).includes('turn/completed'));
    expect(told(stranger)).toEqual(['thread/status/changed']);
    server.notify(null, 'account/updated');
    await until(() => stranger.frames.length === 2);
    server.notify(threadId, 'account/rateLimits/updated', { rateLimits: {} });
    await until(() => told(client).includes('account/rateLimits/updated'));
    expect(client.frames.at(-1)).toMatchObject({ params: { rateLimits: {} } });
    expect(client.frames.at(-1)!['params']).not.toHaveProperty('threadId');
    expect(told(stranger)).toHaveLength(2);
  });

  test('is shown to who resumes its thread, but for what is not said or decided yet', async () => {
    const [client, threadId, turn] = await start();
    const item = (type: string, id: string, more: object = {}) => ({ item: { type, id, ...more } });
    turn.notify('item/started', item('agentMessage', 'm', { completedAtMs: null }));
    turn.notify('item/started', item('commandExecution', 'running'));
    turn.notify('item/started', item('commandExecution', 'waiting'));
    turn.notify('thread/tokenUsage/updated', { tokenUsage: {} });
    void turn.request('item/commandExecution/requestApproval', { itemId: 'waiting' });
    await until(() => asked(client).length === 1);
    const other = await join();
    const resumed = (await other.call('thread/resume', { threadId })) as {
      result: { thread: { turns: { items: { id: string }[] }[]; status: object } };
    };
    const { turns, status } = resumed.result.thread;
    expect(turns[0]!.items.map(({ id }) => id)).toEqual(['user-turn-1', 'running']);
    expect(status).toEqual(active('waitingOnApproval'));
    await until(() => asked(other).length === 1);
    expect(told(other)).toEqual([
      'deprecationNotice',
      'thread/tokenUsage/updated',
      'thread/goal/cleared',
      'item/commandExecution/requestApproval',
    ]);
    const third = await join();
    const brief = await third.call('thread/resume', { threadId, excludeTurns: true });
    expect(brief).toMatchObject({ result: { thread: { turns: [] }, initialTurnsPage: null } });
    await until(() => asked(third).length === 1);
    expect(told(third)).toEqual(['thread/goal/cleared', 'item/commandExecution/requestApproval']);
  });

  test('is interrupted by a restart, without a word', async () => {
    const [client, threadId, turn] = await start();
    server.restart();
    await once(client.socket, 'close');
    expect(client.frames).toEqual([]);
    expect(turn.signal.aborted).toBe(true);
    const next = await join();
    expect(await next.call('thread/resume', { threadId })).toMatchObject({
      result: { thread: { status: idle, turns: [{ status: 'interrupted' }] } },
    });
    expect(await next.call('turn/start', { threadId, input: [] })).toMatchObject({
      result: { turn: { id: 'turn-2' } },
    });
  });
});

describe('a fake app-server', () => {
  test('keeps the tools of a thread, of who may bring them', async () => {
    const dynamicTools = [{ type: 'function', name: 'weather' }];
    const client = await join({ experimentalApi: true });
    await client.call('thread/start', { dynamicTools });
    expect(server.tools('thread-1')).toEqual(dynamicTools);
    expect(await (await join()).call('thread/start', { dynamicTools })).toEqual(
      invalid('thread/start.dynamicTools requires experimentalApi capability'),
    );
    expect(server.tools('thread-2')).toEqual([]);
  });

  test('has too much to do when it is told so, even for an initialize', async () => {
    const busy = { error: { code: -32001, message: 'Server overloaded; retry later.' } };
    const client = await join();
    server.overload(2);
    const list = () => client.call('thread/loaded/list');
    expect([await list(), await list()]).toEqual([busy, busy]);
    expect(await list()).toMatchObject({ result: {} });
    server.overload();
    const other = await join(null);
    expect(await other.call('initialize')).toEqual(busy);
    server.overload(0);
    expect(await other.call('initialize')).toMatchObject({ result: {} });
  });

  test('does not send what a client has opted out of', async () => {
    const client = await join({ optOutNotificationMethods: ['turn/diff/updated'] });
    server.notify(null, 'turn/diff/updated', {});
    server.notify(null, 'turn/plan/updated', {});
    await until(() => client.frames.length > 0);
    expect(told(client)).toEqual(['turn/plan/updated']);
  });

  test('takes a thread that the test makes up', async () => {
    server.handle('thread/fork', () => ({ result: { thread: { id: 'mine' } } }));
    const client = await join();
    await client.call('thread/fork');
    void server.request('mine', 'item/tool/call', { callId: 'c' });
    await until(() => asked(client).length === 1);
    expect(told(client)).toEqual(['thread/started', 'item/tool/call']);
    expect(await client.call('thread/read', { threadId: 'mine' })).toMatchObject({
      result: { thread: { id: 'mine' } },
    });
  });

  test('refuses a wrong token in words', async () => {
    await restart({ token: 's' });
    const body = async (headers: Record<string, string>) => {
      const [, response] = (await once(open({ headers }), 'unexpected-response')) as [
        unknown,
        AsyncIterable<Buffer>,
      ];
      let text = '';
      for await (const chunk of response) text += chunk.toString();
      return text;
    };
    expect(await body({})).toBe('missing websocket bearer token');
    expect(await body({ authorization: 'Bearer x' })).toBe('invalid websocket bearer token');
  });
});
