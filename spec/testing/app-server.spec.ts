import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeAppServer, type FakeAppServer } from 'codex-rx/testing';
import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { until } from '../support/until.js';

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

/** What the real server says beside the point: on connecting, and when a thread is resumed. */
const asides = new Set<unknown>([
  'remoteControl/status/changed',
  'configWarning',
  'deprecationNotice',
  'thread/goal/cleared',
]);

let ids = 0;

async function join(isInitialized = true): Promise<Client> {
  const socket = open();
  const frames: Client['frames'] = [];
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Record<string, unknown>;
    if (!asides.has(frame['method'])) frames.push(frame);
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
  if (isInitialized) await client.call('initialize', {});
  return client;
}

const invalid = (message: unknown) => ({ error: { code: -32600, message } });
const told = ({ frames }: Client) => frames.map(({ method }) => method);

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
    const client = await join(false);
    expect(await client.call('thread/loaded/list')).toEqual(invalid('Not initialized'));
    expect(await client.call('initialize')).toMatchObject({
      result: { userAgent: expect.any(String) },
    });
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
    await server.close();
    server = await startFakeAppServer(token === undefined ? {} : { token });
    const [, response] = (await once(open({ headers }), 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    expect(response.statusCode).toBe(status);
  });

  test('lets in who brings its token, and is no web server', async () => {
    await server.close();
    server = await startFakeAppServer({ token: 's' });
    const connected = server.connected();
    await once(open({ headers: { authorization: 'Bearer s' } }), 'open');
    expect((await connected).headers['authorization']).toBe('Bearer s');
    expect((await fetch(server.url.replace('ws', 'http'))).status).toBe(400);
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
    expect(await client.call('no/such')).toEqual(
      invalid(
        expect.stringMatching(
          /^Invalid request: unknown variant `no\/such`, expected one of `init/,
        ),
      ),
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
    expect(await one.call('thread/resume', { threadId: 'no' })).toEqual(
      invalid('thread not found: no'),
    );
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
    const asked = { method: 'item/fileChange/requestApproval', id: 0, params: { threadId } };
    await until(() => two.frames.length > 0);
    expect(one.frames).toEqual([asked]);
    expect(two.frames).toEqual([asked]);
    const early = await join(false);
    early.send({ id: 0, result: 'too early' });
    await early.call('initialize');
    stranger.send({ id: 0, result: 'first' });
    expect(await answer).toEqual({ result: 'first' });
    one.send({ id: 0, result: 'second' });
    await until(() => one.frames.length > 1 && two.frames.length > 1);
    await one.call('thread/resume', { threadId });
    expect(told(one).slice(1)).toEqual(['serverRequest/resolved']);
    expect(one.frames[1]).toMatchObject({ params: { threadId, requestId: 0 } });
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
    await until(() => next.frames.length > 0);
    expect(next.frames).toMatchObject([{ id: 0 }]);
  });

  test('sends what no server should send, and cuts clients off', async () => {
    const client = await join(false);
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
