import { afterEach, describe, expect, test } from '@jest/globals';
import {
  connectManager,
  managerDuplicates,
  ConnectionError,
  ofType,
  parseEnvelope,
  type ConnectionStatus,
  type Gap,
  type MalformedFrame,
  type ManagerOptions,
  type ManagerStream,
} from 'codex-rx';
import { readRecording } from 'codex-rx/recording';
import { startStreamServer, type StreamServer, type StreamServerOptions } from 'codex-rx/testing';
import { managerFrames } from '../recordings/index.js';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { filter, firstValueFrom, type Observable } from 'rxjs';

const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function serve(options?: StreamServerOptions): Promise<StreamServer> {
  const server = await startStreamServer(options);
  closings.push(() => server.close());
  return server;
}

const quick = { base: 1, cap: 5 };

function connect(url: string, options: Partial<ManagerOptions> = {}): ManagerStream {
  const stream = connectManager({ url, reconnect: quick, ...options });
  closings.push(() => stream.close());
  return stream;
}

/** Everything that a source emits from now on. */
function collect<T>(source$: Observable<T>): T[] {
  const all: T[] = [];
  source$.subscribe((value) => all.push(value));
  return all;
}

const next = <T>(source$: Observable<T>, test: (value: T) => boolean = () => true): Promise<T> =>
  firstValueFrom(source$.pipe(filter(test)));

const waits = (stream: ManagerStream) =>
  next(stream.status$, ({ state }) => state === 'waiting') as Promise<
    ConnectionStatus & { state: 'waiting' }
  >;

/** Sends the last event of a test, and waits for it. */
async function flush(server: StreamServer, stream: ManagerStream): Promise<void> {
  const last = next(stream.events$, ({ type }) => type === 'the last');
  for (const socket of server.sockets)
    socket.send({ type: 'the last', threadId: null, payload: null });
  await last;
}

/** What keeps the process alive. */
function resources() {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return { timers: counts['Timeout'] ?? 0, sockets: counts['TCPSocketWrap'] ?? 0 };
}

describe('connectManager, over a real websocket', () => {
  const folder = new URL('../recordings/codex-manager/', import.meta.url);

  test.each(readdirSync(folder))('reads every frame of the recording %s', async (file) => {
    const recording = readRecording(readFileSync(new URL(file, folder), 'utf8'));
    const received = recording.entries.filter(({ dir }) => dir === 'in');
    const frames = received.map(({ frame }) => frame);
    const server = await serve();
    const stream = connect(server.url);
    await stream.connect();
    const read: unknown[] = [];
    stream.events$.subscribe((event) => read.push(event));
    stream.control$.subscribe((frame) => read.push(frame));
    const malformed = collect(stream.malformed$);
    await server.play(recording);
    await flush(server, stream);
    const control = new Set<unknown>(['ready', 'pong', 'error']);
    const expected = frames.map((frame) =>
      control.has((frame as { type: unknown }).type) ? frame : parseEnvelope(frame),
    );
    expect(frames.length).toBeGreaterThan(0);
    expect(read.slice(0, -1)).toEqual(expected);
    expect(malformed).toEqual([]);
  });

  test('asks the server for one thread, and gets no other', async () => {
    const server = await serve();
    const stream = connect(server.url, { threadId: 't 1/ä' });
    const control = next(stream.control$);
    await stream.connect();
    expect(await control).toEqual({ type: 'ready', threadId: 't 1/ä' });
    expect(server.sockets[0]!.threadId).toBe('t 1/ä');
    const events = collect(stream.events$);
    for (const threadId of ['t2', 't 1/ä', null]) server.send({ type: 'approval', threadId });
    await flush(server, stream);
    expect(events.map(({ threadId }) => threadId)).toEqual(['t 1/ä', null]);
    expect(events[1]!.type).toBe('the last');
  });

  test('shows control frames to who asks, and takes them for no events', async () => {
    const server = await serve();
    const stream = connect(server.url, { heartbeat: { interval: 10 } });
    const control = collect(stream.control$);
    const events = collect(stream.events$);
    const handled: string[] = [];
    stream.on(ofType('error'), ({ type }) => {
      handled.push(type);
    });
    await next(stream.control$, ({ type }) => type === 'pong');
    server.sockets[0]!.send({ type: 'error', message: 'invalid websocket command' });
    for (const type of ['error', 'ready', 'pong', '__proto__', 'constructor', 'toString', '']) {
      server.sockets[0]!.send({ type, threadId: null, payload: { message: 'mine' } });
    }
    await flush(server, stream);
    const told = control.filter(({ type }) => type !== 'pong');
    expect(told).toEqual([
      { type: 'ready', threadId: null },
      { type: 'error', message: 'invalid websocket command' },
    ]);
    expect(events.map(({ type }) => type).slice(0, -1)).toEqual([
      'error',
      'ready',
      'pong',
      '__proto__',
      'constructor',
      'toString',
      '',
    ]);
    expect(handled).toEqual(['error']);
    expect(server.sockets[0]!.received[0]).toBe('{"type":"ping"}');
  });

  test('reports a bad frame with the reason and an excerpt, and goes on with the same connection', async () => {
    const server = await serve();
    const stream = connect(server.url, { maxFrameBytes: 1_000 });
    const malformed: MalformedFrame[] = collect(stream.malformed$);
    const events = collect(stream.events$);
    await stream.connect();
    const [socket] = server.sockets;
    const bad: [string | Uint8Array, string][] = [
      ['', 'empty'],
      ['not json', 'not-json'],
      ['{"type":"x"', 'not-json'],
      ['[]', 'not-an-object'],
      ['null', 'not-an-object'],
      ['5', 'not-an-object'],
      ['"ready"', 'not-an-object'],
      ['{}', 'no-type'],
      ['{"type":5,"payload":{}}', 'no-type'],
      ['{"type":"x","threadId":5}', 'bad-thread-id'],
      ['{"type":"x","turnId":{}}', 'bad-turn-id'],
      ['{"type":"x","requestId":true}', 'bad-request-id'],
      ['{"type":"x","requestId":1.5}', 'bad-request-id'],
      [Buffer.from('{"type":"x"}'), 'binary'],
      [`{"type":"x","payload":"${'x'.repeat(2_000)}"}`, 'too-large'],
      ['y'.repeat(999), 'not-json'],
    ];
    for (const [frame] of bad) socket!.sendRaw(frame);
    await flush(server, stream);
    expect(malformed.map(({ reason }) => reason)).toEqual(bad.map(([, reason]) => reason));
    for (const [i, frame] of malformed.entries()) {
      const text = Buffer.from(bad[i]![0]).toString();
      expect(frame).toMatchObject({ bytes: Buffer.byteLength(text), connection: 1 });
      expect(frame.excerpt).toBe(text.length > 200 ? `${text.slice(0, 199)}…` : text);
      expect(frame.message).toMatch(/^The frame is /);
      expect(frame.message.length).toBeLessThan(300);
      expect(Math.abs(Date.now() - frame.receivedAt)).toBeLessThan(60_000);
    }
    expect(events.map(({ type }) => type)).toEqual(['the last']);
    expect(server.sockets).toEqual([socket]);
  });

  test('passes frames of 1.5 MB and of 16 MB', async () => {
    const server = await serve();
    const stream = connect(server.url);
    await stream.connect();
    for (const size of [1_500_000, 16_000_000]) {
      const event = next(stream.events$);
      server.send({ type: 'big', threadId: null, payload: 'x'.repeat(size) } as { type: string });
      expect(((await event).payload as string).length).toBe(size);
    }
  });

  test('passes a frame of exactly the limit in bytes, and not one byte more', async () => {
    const server = await serve();
    const frame = (text: string) => JSON.stringify({ type: 'x', threadId: null, payload: text });
    const exact = frame('ä'.repeat(50));
    const stream = connect(server.url, { maxFrameBytes: Buffer.byteLength(exact) });
    const malformed = collect(stream.malformed$);
    const events = collect(stream.events$);
    await stream.connect();
    server.sockets[0]!.sendRaw(exact);
    server.sockets[0]!.sendRaw(frame(`${'ä'.repeat(50)}x`));
    server.sockets[0]!.sendRaw(exact);
    await flush(server, stream);
    expect(events).toHaveLength(3);
    expect(malformed.map(({ reason, bytes }) => [reason, bytes])).toEqual([
      ['too-large', Buffer.byteLength(exact) + 1],
    ]);
  });

  test('finds its way behind a path, with a query', async () => {
    const server = await serve();
    const stream = connect(`${server.url.replace('http', 'ws')}/codex/api/stream/?key=k%20#here`);
    await stream.connect();
    expect(server.sockets[0]!.url).toBe('/codex/api/stream?key=k%20');
  });

  test('tries again after HTTP status 503, with what the functions answer then', async () => {
    const server = await serve({
      refuse: ({ headers, url }) =>
        headers['authorization'] === 'token 3' && url.endsWith('?n=3') ? null : 503,
    });
    let asked = 0;
    const stream = connect('', {
      url: async () => `${server.url}?n=${++asked}`,
      headers: async () => ({ authorization: `token ${asked}` }),
    });
    const states = collect(stream.status$);
    await stream.connect();
    expect(states.filter(({ state }) => state === 'waiting')).toMatchObject([
      { attempt: 2, error: { kind: 'refused', code: 503 } },
      { attempt: 3, error: { kind: 'refused', code: 503 } },
    ]);
  });

  test('tells when nobody listens, and closes when it has tried often enough', async () => {
    const server = await startStreamServer();
    await server.close();
    const stream = connect(server.url, { reconnect: { ...quick, attempts: 3 } });
    const states = collect(stream.status$);
    await expect(stream.connect()).rejects.toMatchObject({ kind: 'unreachable', permanent: false });
    expect(states.map(({ state }) => state).join(' ')).toBe(
      'idle connecting waiting connecting waiting connecting closed',
    );
  });

  test('does not take a server for ready that does not greet', async () => {
    const server = await serve({ greets: false });
    const stream = connect(server.url, { connectTimeout: 30 });
    const states = collect(stream.status$);
    void stream.connect();
    expect((await waits(stream)).error.kind).toBe('timeout');
    expect(states.some((status) => status.state === 'open' && status.phase === 'ready')).toBe(
      false,
    );
    expect(states.some((status) => status.state === 'open' && status.phase === 'opened')).toBe(
      true,
    );
  });

  test('gives up a TCP server that does not even answer', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closings.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const stream = connect(`http://127.0.0.1:${port}`, { connectTimeout: 30 });
    void stream.connect();
    expect((await waits(stream)).error.kind).toBe('timeout');
    await stream.close();
  });

  test('finds out that a connection is half-open, and lets go of it', async () => {
    const server = await serve({ pongs: false });
    const stream = connect(server.url, { heartbeat: { interval: 5, timeout: 20 } });
    const ended = stream.connect().then(() => server.sockets[0]!);
    expect((await waits(stream)).error.kind).toBe('silent');
    const socket = await ended;
    while (server.sockets.includes(socket)) await new Promise((resolve) => setImmediate(resolve));
    expect(socket.received[0]).toBe('{"type":"ping"}');
  });

  test('comes back to a server that vanished, with a gap before the first new event', async () => {
    const server = await serve();
    const port = Number(new URL(server.url).port);
    const stream = connect(server.url);
    const seen: (string | Gap)[] = [];
    stream.gaps$.subscribe((gap) => seen.push(gap));
    stream.events$.subscribe(({ type }) => seen.push(type));
    await stream.connect();
    server.send({ type: 'before', threadId: 't1' });
    await next(stream.events$);
    const lost = waits(stream);
    await server.close();
    expect((await lost).error).toMatchObject({ kind: 'lost', code: 1006 });
    const back = await serve({ port });
    await stream.connect();
    back.send({ type: 'after', threadId: 't1' });
    await next(stream.events$);
    expect(seen).toMatchObject(['before', { last: { type: 'before' } }, 'after']);
    const gap = seen[1] as Gap;
    expect(gap.connection).toBeGreaterThan(1);
    expect(gap.duration).toBeGreaterThanOrEqual(0);
  });

  test('leaves nothing behind, over 200 reconnections', async () => {
    // The process has run other specs before: their timers are not of this stream.
    const before = resources().timers;
    const server = await serve();
    const { signal } = new AbortController();
    const stream = connect(server.url, { reconnect: { base: 0, cap: 0 }, signal });
    const connections: number[] = [];
    const measured: ReturnType<typeof resources>[] = [];
    for (let i = 1; i <= 200; i++) {
      await stream.connect();
      connections.push(server.sockets.length);
      if (i === 10 || i === 200) {
        await flush(server, stream);
        measured.push(resources());
      }
      const lost = waits(stream);
      if (i % 2 === 0) server.sockets[0]!.terminate();
      else server.sockets[0]!.close();
      await lost;
    }
    expect(Math.max(...connections)).toBe(1);
    // Give or take a timer of jest's, or a socket that is about to go.
    expect(measured[1]!.timers).toBeLessThanOrEqual(measured[0]!.timers + 3);
    expect(measured[1]!.sockets).toBeLessThanOrEqual(measured[0]!.sockets + 3);
    await stream.close();
    expect(resources().timers).toBeLessThanOrEqual(before + 3);
  }, 20_000);

  test('drops unread what is to be ignored, and counts it', async () => {
    const server = await serve();
    const stream = connect(server.url, { ignore: managerDuplicates });
    const events = collect(stream.events$);
    await stream.connect();
    for (const { frame } of managerFrames) server.sockets[0]?.send(frame);
    await flush(server, stream);
    const kept = managerFrames
      .map(({ frame }) => String(frame['type']))
      .filter((type) => type !== 'notification' && !type.startsWith('app_server.codex.event.'));
    expect(events.slice(0, -1).map(({ type }) => type)).toEqual(kept);
    expect(stream.metrics()).toMatchObject({
      received: managerFrames.length + 2,
      ignored: managerFrames.length - kept.length,
      parsed: kept.length + 2,
      malformed: 0,
      dispatched: kept.length + 1,
    });
  });

  test('tells that the codex died under a socket that still answers, and that it is back', async () => {
    let running = true;
    const server = await serve({
      rest: ({ url }) =>
        url === '/p/api/health' ? { status: 200, body: { codex: { running } } } : null,
    });
    const stream = connect(`${server.url}/p`, { health: { interval: 5 } });
    const upstream = (wanted: string) =>
      next(stream.status$, (status) => status.state === 'open' && status.upstream === wanted);
    void stream.connect();
    await upstream('up');
    running = false;
    await upstream('down');
    running = true;
    await upstream('up');
    expect(server.sockets).toHaveLength(1);
  });

  test('after a gap it asks what the sessions are waiting for', async () => {
    const approval = { approvalId: '0', threadId: 't2', turnId: 'u', status: 'pending' };
    const asked: string[] = [];
    const server = await serve({
      rest({ url, method, headers }) {
        if (url.startsWith('/api/sessions'))
          asked.push(`${method} ${url} ${String(headers['x-id'])}`);
        if (url === '/api/sessions/t2/approvals') {
          return { status: 200, body: { data: [approval] } };
        }
        const data = [{ sessionId: 't1' }, { sessionId: 't2' }];
        return url.includes('?') ? { status: 200, body: { data } } : null;
      },
    });
    const stream = connect(server.url, { headers: () => ({ 'x-id': '5' }) });
    const gap = next(stream.gaps$);
    await stream.connect();
    server.sockets[0]?.terminate();
    const { recovered, complete } = await firstValueFrom((await gap).recovery$);
    expect(recovered).toEqual([
      { type: 'approval', threadId: 't2', turnId: 'u', requestId: '0', payload: approval },
    ]);
    expect(complete).toBe(true);
    // It has asked at the start too.
    expect([...new Set(asked)].sort()).toEqual([
      ...['t1', 't2'].flatMap((id) =>
        ['approvals', 'tool-calls', 'tool-input'].map(
          (list) => `GET /api/sessions/${id}/${list} 5`,
        ),
      ),
      'GET /api/sessions?limit=100 5',
    ]);
  });

  test('after a gap it asks for the thread that it is filtered to', async () => {
    const asked: string[] = [];
    const server = await serve({ rest: ({ url }) => (asked.push(url), null) });
    const stream = connect(server.url, { threadId: 't', health: false });
    const gap = next(stream.gaps$);
    await stream.connect();
    server.sockets[0]?.terminate();
    await firstValueFrom((await gap).recovery$);
    // It has asked at the start too.
    expect([...new Set(asked)].sort()).toEqual([
      '/api/sessions/t/approvals',
      '/api/sessions/t/tool-calls',
      '/api/sessions/t/tool-input',
    ]);
  });

  test('closing ends the socket before it resolves', async () => {
    const server = await serve();
    const stream = connect(server.url);
    await stream.connect();
    await stream.close();
    while (server.sockets.length > 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(stream.connect()).rejects.toBeInstanceOf(ConnectionError);
    expect(collect(stream.control$)).toEqual([]);
  });

  test('closing while it connects ends that too, with no error for nobody', async () => {
    const server = await serve();
    const stream = connect(server.url);
    const ready = stream.connect();
    await stream.close();
    await expect(ready).rejects.toMatchObject({
      message: 'The stream was closed before it was ready.',
    });
  });
});

describe('a secret', () => {
  const secret = 'canary-7f3a';

  /** Everything that a stream says of itself until it closes, hidden members too. */
  async function told(url: string, options: Partial<ManagerOptions>): Promise<string> {
    const stream = connect(url, {
      connectTimeout: 30,
      reconnect: { ...quick, attempts: 2 },
      ...options,
    });
    const states = collect(stream.status$);
    const failure = await stream.connect().catch((error: unknown) => error);
    return inspect([states, failure], { depth: 20, showHidden: true, maxStringLength: null });
  }

  const secrets = {
    headers: { authorization: `Bearer ${secret}`, [`x-${secret.length}`]: secret },
  };

  test.each([401, 500])('is in no status and in no error when the answer is %i', async (status) => {
    const server = await serve({ refuse: () => status });
    const text = await told(`${server.url}/?token=${secret}`, secrets);
    expect(text).toContain(`HTTP status ${status}`);
    expect(text).not.toContain(secret);
  });

  test('is in no status and in no error when nobody answers', async () => {
    const server = await startStreamServer();
    await server.close();
    const url = server.url.replace('//', `//user:${secret}@`);
    const text = await told(`${url}/?token=${secret}`, secrets);
    expect(text).toContain('ECONNREFUSED');
    expect(text).not.toContain(secret);
  });

  test('is in no status and in no error when the server does not greet', async () => {
    const server = await serve({ greets: false });
    const text = await told(`${server.url}/?token=${secret}`, { headers: () => secrets.headers });
    expect(text).toContain('not ready within');
    expect(text).not.toContain(secret);
  });

  test('is in no status and in no error when it cannot be a header', async () => {
    const server = await serve();
    const text = await told(server.url, { headers: { authorization: `${secret}\n` } });
    expect(text).toContain('authorization');
    expect(text).not.toContain(secret);
  });

  test('is in no status and in no error when a url or headers cannot be used', async () => {
    const url = `http://user:${secret}@ho st/?token=${secret}`;
    expect(await told('', { url: () => url })).not.toContain(secret);
    expect(await told('http://h', { headers: () => [secret] as never })).not.toContain(secret);
    let atCall: unknown;
    try {
      connectManager({ url });
    } catch (error) {
      atCall = error;
    }
    expect(atCall).toBeInstanceOf(TypeError);
    expect(inspect(atCall, { showHidden: true })).not.toContain(secret);
  });
});
