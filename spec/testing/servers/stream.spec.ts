import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readRecording } from 'codex-rx/recording';
import {
  envelope,
  startStreamServer,
  type StreamServer,
  type StreamServerOptions,
} from 'codex-rx/testing';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Subject, take } from 'rxjs';
import { WebSocket } from 'ws';
import { until } from '../../support/until.js';

let server: StreamServer;
const clients: WebSocket[] = [];

beforeEach(async () => {
  server = await startStreamServer();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await server.close();
});

async function restart(options: StreamServerOptions): Promise<void> {
  await server.close();
  server = await startStreamServer(options);
}

interface Client {
  readonly socket: WebSocket;
  /** Every frame so far. */
  readonly frames: unknown[];
  send(...frames: unknown[]): void;
  /** Every frame so far, when the server has answered a ping: commands are handled in order. */
  settled(): Promise<unknown[]>;
}

async function join(query = '', pongs = 1): Promise<Client> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/stream${query}`);
  clients.push(socket);
  const frames: unknown[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
  const connected = server.connected();
  await once(socket, 'open');
  await connected;
  return {
    socket,
    frames,
    send(...texts) {
      for (const text of texts) socket.send(typeof text === 'string' ? text : JSON.stringify(text));
    },
    async settled() {
      const before = frames.filter(isPong).length;
      socket.send('{"type":"ping"}');
      while (frames.filter(isPong).length < before + pongs) await once(socket, 'message');
      return frames.filter((frame) => !isPong(frame));
    },
  };
}

const isPong = (frame: unknown) => (frame as { type: string }).type === 'pong';
const ready = (threadId: string | null) => ({ type: 'ready', threadId });
const invalid = { type: 'error', message: 'invalid websocket command' };

describe('a stream server', () => {
  test.each([
    ['', null],
    ['?threadId=', null],
    ['?threadId=t1', 't1'],
    ['?threadId=%20', ' '],
    ['?threadId=a&threadId=b', null],
  ])('greets a client with its filter: %s', async (query, threadId) => {
    const { settled } = await join(query);
    expect(await settled()).toEqual([ready(threadId)]);
    expect(server.sockets.map((socket) => [socket.url, socket.threadId])).toEqual([
      [`/api/stream${query}`, threadId],
    ]);
  });

  test('sends a filtered client the events of its thread, and what everybody gets', async () => {
    const all = await join();
    const one = await join('?threadId=t1');
    const broadcasts = [
      'account_updated',
      'account_login_completed',
      'account_rate_limits_updated',
      'app_list_updated',
      'mcp_oauth_completed',
      'project_upserted',
      'project_deleted',
    ].map((type) => envelope(type));
    const ofSessions = ['session_project_updated', 'session_deleted'].map((type) =>
      envelope(type, null, { threadId: 't2' }),
    );
    const own = [envelope('approval', {}, { threadId: 't1' })];
    const others = [
      envelope('approval', {}, { threadId: 't2' }),
      envelope('app_server.account.rate_limits.updated'),
      envelope('notification'),
      { type: 'approval' },
    ];
    const sent = [...own, ...others, ...broadcasts, ...ofSessions];
    for (const frame of sent) server.send(frame);
    expect((await all.settled()).slice(1)).toEqual(sent);
    expect((await one.settled()).slice(1)).toEqual([...own, ...broadcasts, ...ofSessions]);
  });

  test('a client replaces its filter with subscribe, and drops it with unsubscribe, unanswered', async () => {
    const client = await join('?threadId=t1');
    const event = (threadId: string) => envelope('approval', null, { threadId });
    const told = [];
    for (const command of [
      { type: 'subscribe', threadId: 't2', extra: 1 },
      { type: 'subscribe', threadId: 't3' },
      { type: 'unsubscribe' },
    ]) {
      client.send(command);
      await client.settled();
      for (const threadId of ['t1', 't2', 't3']) server.send(event(threadId));
      told.push((await client.settled()).length - 1);
    }
    expect(client.frames.filter((frame) => !isPong(frame)).slice(1)).toEqual(
      ['t2', 't3', 't1', 't2', 't3'].map(event),
    );
    expect(told).toEqual([1, 2, 5]);
  });

  test.each([
    'not json',
    '{}',
    '[]',
    'null',
    '5',
    '"ping"',
    '{"type":"nope"}',
    '{"type":"PING"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","threadId":""}',
    '{"type":"subscribe","threadId":5}',
    '{"type":"subscribe","threadIds":["a"]}',
    ' ',
  ])('answers %s with an error, and goes on', async (command) => {
    const client = await join('?threadId=t1');
    client.send(command);
    expect(await client.settled()).toEqual([ready('t1'), invalid]);
    expect(server.sockets[0]!.threadId).toBe('t1');
  });

  test('ignores an empty frame, and reads a binary one as text', async () => {
    const client = await join();
    client.send('');
    expect(await client.settled()).toEqual([ready(null)]);
    client.socket.send(Buffer.from('{"type":"ping","x":1}'));
    await once(client.socket, 'message');
    expect(client.frames.filter(isPong)).toHaveLength(2);
    client.socket.send(Buffer.from('no!'));
    expect(await client.settled()).toEqual([ready(null), invalid]);
    expect(server.sockets[0]!.received).toEqual([
      '',
      '{"type":"ping"}',
      '{"type":"ping","x":1}',
      'no!',
      '{"type":"ping"}',
    ]);
  });

  test('answers the recorded commands as the real one did', async () => {
    const file = new URL('../../recordings/codex-manager/06-invalid-frames.jsonl', import.meta.url);
    const recording = readRecording(readFileSync(file, 'utf8'));
    const entries = recording.entries.filter(({ sock }) => sock === 's');
    const client = await join();
    for (const { dir, frame, text } of entries) if (dir === 'out') client.send(text ?? frame);
    // The recording ends with two binary frames, that were not kept: a ping, and no command.
    const answers = entries.filter(({ dir }) => dir === 'in').map(({ frame }) => frame);
    while (client.frames.length < answers.length - 2) await once(client.socket, 'message');
    await client.settled();
    expect(client.frames.slice(0, -1)).toEqual(answers.slice(0, -2));
  });

  test('sends one client whatever it is told to', async () => {
    const client = await join('?threadId=t1');
    const [socket] = server.sockets;
    socket!.send({ type: 'x', threadId: 't2' });
    socket!.sendRaw('"text"');
    expect(await client.settled()).toEqual([ready('t1'), { type: 'x', threadId: 't2' }, 'text']);
    const message = once(client.socket, 'message');
    socket!.sendRaw(Buffer.from('5'));
    expect(await message).toEqual([Buffer.from('5'), true]);
  });

  test('closes a client as the real one does, with a code, or without a goodbye', async () => {
    const closed = async (close: () => void, client: Client) => {
      close();
      const [code, reason] = (await once(client.socket, 'close')) as [number, Buffer];
      return `${code} ${reason.toString()}`;
    };
    const one = await join();
    expect(await closed(() => server.sockets[0]!.close(), one)).toBe('1005 ');
    const two = await join();
    expect(await closed(() => server.sockets.at(-1)!.close(1012, 'why'), two)).toBe('1012 why');
    const three = await join();
    expect(await closed(() => server.sockets.at(-1)!.terminate(), three)).toBe('1006 ');
  });

  test('can refuse, by what the client says', async () => {
    await restart({
      refuse: ({ url, headers }) =>
        headers['x-key'] === 'right' || url.endsWith('=t1') ? null : 401,
    });
    const address = `${server.url.replace('http', 'ws')}/api/stream`;
    const refused = new WebSocket(address, { headers: { 'x-key': 'wrong' } });
    const [error] = (await once(refused, 'error')) as [Error];
    expect(error.message).toContain('401');
    const accepted = new WebSocket(address, { headers: { 'x-key': 'right' } });
    clients.push(accepted);
    await once(accepted, 'open');
    await join('?threadId=t1');
  });

  test('can keep silent: no greeting, no pong', async () => {
    await restart({ greets: false, pongs: false });
    const client = await join();
    client.send({ type: 'ping' }, 'nonsense');
    await once(client.socket, 'message');
    expect(client.frames).toEqual([invalid]);
  });

  test('plays what the server sent in a recording to all, in order', async () => {
    const all = await join();
    const one = await join('?threadId=t1');
    const recording = [
      { t: 50, sock: 'a', dir: 'in', frame: { type: 'x', n: 1 } },
      { t: 51, sock: 'a', dir: 'out', frame: { type: 'ping' } },
      { t: 52, sock: 'b', dir: 'in', frame: { type: 'x', n: 2 } },
      { t: 90, sock: 'a', dir: 'in', frame: { type: 'x', n: 3 } },
    ] as const;
    await server.play(recording);
    const frames = [1, 2, 3].map((n) => ({ type: 'x', n }));
    expect((await all.settled()).slice(1)).toEqual(frames);
    expect((await one.settled()).slice(1)).toEqual(frames);
    const start = performance.now();
    await server.play(recording, { speed: 2 });
    // 40 ms in 20; never faster, however slow the machine is.
    expect(performance.now() - start).toBeGreaterThan(15);
    expect((await all.settled()).slice(4)).toEqual(frames);
    await server.play([]);
  });

  test('notes the calls of its REST API, which can be answered now or later', async () => {
    const replies = new Subject<null>();
    await restart({
      rest: ({ method }) =>
        method === 'GET' ? { status: 201, body: { made: true } } : replies.pipe(take(1)),
    });
    const made = await fetch(`${server.url}/api/x?y=1`);
    expect([made.status, await made.json()]).toEqual([201, { made: true }]);
    const later = fetch(`${server.url}/api/sessions/t/approvals`, {
      method: 'POST',
      body: '{"a":1}',
    });
    await until(() => replies.observed);
    expect(server.calls[1]!.status).toBeNull();
    replies.next(null);
    expect(await (await later).json()).toEqual({ data: [] });
    expect(server.calls).toMatchObject([
      { method: 'GET', url: '/api/x?y=1', body: undefined, status: 201 },
      { method: 'POST', url: '/api/sessions/t/approvals', body: { a: 1 }, status: 200 },
    ]);
  });

  test('survives a client that breaks the websocket protocol', async () => {
    const client = await join();
    const { _socket: wire } = client.socket as unknown as {
      _socket: { write(data: Buffer): void };
    };
    wire.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    expect((await once(client.socket, 'close'))[0]).toBe(1002);
    await join();
  });

  test('stops playing when it is closed', async () => {
    await join();
    const entry = (t: number) => ({ t, sock: 'a', dir: 'in', frame: { type: 'x' } }) as const;
    const played = server.play([0, 3_600_000, 7_200_000].map(entry), { speed: 1 });
    await server.close();
    await played;
  });

  test('takes a port, and says when it is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startStreamServer({ port })).rejects.toThrow('EADDRINUSE');
    await restart({ port });
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
  });

  test('cuts everybody off when it is closed, twice if need be', async () => {
    const client = await join();
    const closed = once(client.socket, 'close');
    await Promise.all([server.close(), server.close()]);
    expect((await closed)[0]).toBe(1006);
    await server.close();
    expect(server.sockets).toEqual([]);
  });
});
