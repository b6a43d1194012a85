import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, type ManagerOptions } from 'codex-rx';
import {
  notification,
  startFaultProxy,
  startStreamServer,
  type FaultConnection,
  type FaultProxy,
  type Faults,
  type ProxyFaults,
} from 'codex-rx/testing';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { until } from '../../support/until.js';

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** One end of a connection, and what came to it. */
interface End {
  readonly socket: Socket;
  /** What came, in the pieces that were read. */
  readonly pieces: Buffer[];
  readonly text: () => string;
  /** How it ended, if it did: 'FIN', or the code of an error. */
  readonly ends: string[];
  /** The milliseconds until so many bytes have come. */
  readonly takes: (bytes: number) => Promise<number>;
}

function watch(socket: Socket): End {
  const pieces: Buffer[] = [];
  const ends: string[] = [];
  const size = () => pieces.reduce((sum, piece) => sum + piece.length, 0);
  socket.setNoDelay();
  socket.on('data', (bytes: Buffer) => pieces.push(bytes));
  socket.on('end', () => ends.push('FIN'));
  socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code as string));
  closings.push(() => socket.destroy());
  return {
    socket,
    pieces,
    ends,
    text: () => Buffer.concat(pieces).toString('latin1'),
    async takes(bytes) {
      const start = performance.now();
      await until(() => size() >= bytes);
      return performance.now() - start;
    },
  };
}

/** A target that is played by the test: half-open, so that an end comes only from the test. */
async function listen(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => new Promise((resolve) => server.close(resolve)));
  return { server, port: (server.address() as AddressInfo).port };
}

async function start(target: string | { host?: string; port: number }): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ target });
  closings.push(() => proxy.close());
  return proxy;
}

const portOf = (proxy: FaultProxy) => Number(new URL(proxy.url).port);

function dial(proxy: FaultProxy): End {
  return watch(connect({ port: portOf(proxy), host: '127.0.0.1', allowHalfOpen: true }));
}

/** A client, a proxy and a target, connected. */
async function wire(faults: ProxyFaults = {}) {
  const { server, port } = await listen();
  const proxy = await start({ port });
  proxy.set(faults);
  const link = async () => {
    const socket = once(server, 'connection') as Promise<[Socket]>;
    const connected = proxy.connected();
    const client = dial(proxy);
    return { client, connection: await connected, target: watch((await socket)[0]) };
  };
  return { proxy, server, link, ...(await link()) };
}

/** Long enough for bytes that are forwarded at once to have come. */
const pause = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a fault proxy without faults', () => {
  test('forwards bytes both ways, and counts them', async () => {
    const { proxy, client, connection, target } = await wire();
    client.socket.write('hello');
    await target.takes(5);
    target.socket.write('hi');
    await client.takes(2);
    expect([target.text(), client.text()]).toEqual(['hello', 'hi']);
    expect([connection.bytesToServer, connection.bytesToClient]).toEqual([5, 2]);
    expect(proxy.connections).toEqual([connection]);
    expect(proxy.accepted).toBe(1);
  });

  test('passes the end of one direction on, and leaves the other open', async () => {
    const { proxy, client, target } = await wire();
    client.socket.end('bye');
    await until(() => target.ends.length > 0);
    expect([target.text(), target.ends, client.ends]).toEqual(['bye', ['FIN'], []]);
    target.socket.end('see you');
    // The end reaches the client a moment after the proxy has let go.
    await until(() => proxy.connections.length === 0 && client.ends.length > 0);
    expect([client.text(), client.ends]).toEqual(['see you', ['FIN']]);
  });

  test.each(['client', 'target'] as const)('passes a reset of the %s on', async (side) => {
    const { proxy, ...ends } = await wire();
    ends[side].socket.resetAndDestroy();
    const other = ends[side === 'client' ? 'target' : 'client'];
    await until(() => other.ends.length > 0);
    expect(other.ends).toEqual(['ECONNRESET']);
    await until(() => proxy.connections.length === 0);
  });

  test('resets a client whose target cannot be reached', async () => {
    const { server, port } = await listen();
    const proxy = await start(`ws://127.0.0.1:${port}/any/path`);
    server.close();
    const client = dial(proxy);
    await until(() => client.ends.length > 0);
    expect(client.ends).toEqual(['ECONNRESET']);
  });

  test('forwards as slowly as the sink reads, and loses nothing', async () => {
    const { client, connection, target } = await wire();
    client.socket.pause();
    const bytes = Buffer.alloc(32 * 2 ** 20, 'abcdefg');
    let isWritten = false;
    target.socket.write(bytes, () => (isWritten = true));
    await pause(300);
    // What the proxy and the kernel hold is far less than what was sent.
    expect(isWritten).toBe(false);
    expect(connection.bytesToClient).toBeLessThan(bytes.length / 2);
    client.socket.resume();
    await client.takes(bytes.length);
    expect(Buffer.concat(client.pieces).equals(bytes)).toBe(true);
  });

  test('carries a websocket, under its own url', async () => {
    const server = await startStreamServer();
    closings.push(() => server.close());
    const proxy = await start(server.url);
    const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/api/stream?threadId=t1`);
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(message.toString())).toEqual({ type: 'ready', threadId: 't1' });
    socket.close();
    await once(socket, 'close');
    await until(() => proxy.connections.length === 0);
  });
});

describe('a fault proxy', () => {
  test('delays one direction, the end included, and keeps the order', async () => {
    const { client, target } = await wire({ delay: { toClient: 120 } });
    target.socket.write('one ');
    setTimeout(() => target.socket.write('two '), 10);
    setTimeout(() => target.socket.end('three'), 20);
    const start = performance.now();
    client.socket.write('now');
    await target.takes(3);
    expect(client.text()).toBe('');
    await client.takes(13);
    expect(performance.now() - start).toBeGreaterThanOrEqual(118);
    await until(() => client.ends.length > 0);
    expect([client.text(), client.ends]).toEqual(['one two three', ['FIN']]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(138);
  });

  test('delays both directions, and the end of a connection that says nothing', async () => {
    const { client, target } = await wire({ delay: 80 });
    client.socket.end();
    target.socket.write('x');
    const start = performance.now();
    await Promise.all([client.takes(1), until(() => target.ends.length > 0)]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(78);
  });

  test('forwards at once what was delayed, when the delay is taken back', async () => {
    const { proxy, client, target } = await wire({ delay: Infinity });
    target.socket.write('late');
    await pause();
    expect(client.text()).toBe('');
    proxy.set({ delay: 0 });
    await client.takes(4);
  });

  test('throttles to so many bytes a second', async () => {
    const { client, target } = await wire({ throttle: { toServer: 2_000 } });
    client.socket.write('x'.repeat(500));
    // Five slices of 100 bytes, each of which takes 50 ms.
    expect(await target.takes(500)).toBeGreaterThanOrEqual(240);
    expect(target.pieces.length).toBeGreaterThan(1);
    target.socket.write('y'.repeat(100_000));
    await client.takes(100_000);
  });

  test('splits what is written into pieces', async () => {
    const { client, connection, target } = await wire({ split: { toClient: 3 } });
    target.socket.write('abcdefgh');
    await client.takes(8);
    expect(client.pieces.map(String)).toEqual(['abc', 'def', 'gh']);
    connection.set({ split: 4 });
    client.socket.write('12345');
    await target.takes(5);
    expect(target.pieces.map(String)).toEqual(['1234', '5']);
  });

  test('splits what comes while it is splitting, too', async () => {
    const { client, target } = await wire({ split: 1 });
    for (const letter of 'abc') {
      target.socket.write(letter.repeat(5));
      await new Promise(setImmediate);
    }
    await client.takes(15);
    expect(client.text()).toBe('aaaaabbbbbccccc');
    expect(client.pieces.every(({ length }) => length === 1)).toBe(true);
  });

  test('merges what is written within a time', async () => {
    const { client, target } = await wire({ merge: 300 });
    const start = performance.now();
    for (const letter of 'abc') {
      target.socket.write(letter);
      await pause(5);
    }
    await client.takes(3);
    expect(performance.now() - start).toBeGreaterThanOrEqual(298);
    expect(client.pieces.map(String)).toEqual(['abc']);
  });

  test('puts several faults together', async () => {
    const { client, target } = await wire({ delay: 40, merge: 300, split: 2, throttle: 100_000 });
    target.socket.write('abc');
    await pause(5);
    target.socket.write('de');
    expect(await client.takes(5)).toBeGreaterThanOrEqual(330);
    expect(client.pieces.map(String)).toEqual(['ab', 'cd', 'e']);
  });

  test('bounds what it holds back, and loses nothing of it', async () => {
    const { proxy, client, target } = await wire({ delay: Infinity });
    const bytes = Buffer.alloc(32 * 2 ** 20, 'abc');
    let isWritten = false;
    target.socket.write(bytes, () => (isWritten = true));
    await pause(300);
    expect(isWritten).toBe(false);
    proxy.set({ delay: 0 });
    await client.takes(bytes.length);
    expect(Buffer.concat(client.pieces).equals(bytes)).toBe(true);
  });

  test('cuts both sides with FIN, after what it has already read', async () => {
    const { proxy, client, connection, target } = await wire({ delay: { toClient: 100 } });
    target.socket.write('last words');
    await pause();
    connection.cut();
    target.socket.write(' too late');
    await until(() => target.ends.length + client.ends.length === 2);
    expect([client.ends, target.ends]).toEqual([['FIN'], ['FIN']]);
    expect([client.text(), target.text()]).toEqual(['last words', '']);
    client.socket.end('ignored');
    target.socket.end();
    await until(() => proxy.connections.length === 0);
    expect(target.text()).toBe('');
  });

  test('cuts every connection', async () => {
    const { proxy, link, client } = await wire();
    const other = await link();
    proxy.cut();
    await until(() => client.ends.length + other.client.ends.length === 2);
    expect([client.ends, other.client.ends]).toEqual([['FIN'], ['FIN']]);
  });

  test('does not reset the target of a client that answers a cut with a reset', async () => {
    const { proxy, client, target } = await wire();
    proxy.cut();
    await until(() => client.ends.length + target.ends.length === 2);
    client.socket.resetAndDestroy();
    target.socket.end();
    await until(() => proxy.connections.length === 0);
    expect(target.ends).toEqual(['FIN']);
  });

  test('resets both sides with RST', async () => {
    const { proxy, link, client, target } = await wire({ delay: 3_600_000 });
    const other = await link();
    client.socket.write('never seen');
    await pause();
    proxy.connections[0]!.reset();
    await until(() => client.ends.length + target.ends.length === 2);
    expect([client.ends, target.ends]).toEqual([['ECONNRESET'], ['ECONNRESET']]);
    expect([other.client.ends, target.text()]).toEqual([[], '']);
    proxy.reset();
    await until(() => other.client.ends.length + other.target.ends.length === 2);
    expect(other.client.ends).toEqual(['ECONNRESET']);
    expect(proxy.connections).toEqual([]);
  });

  test('can reset what it has just cut', async () => {
    const { proxy, client } = await wire();
    proxy.cut();
    proxy.reset();
    await until(() => client.ends.length > 0 && proxy.connections.length === 0);
  });

  test('stalls one direction: its bytes are lost, and both sockets stay open', async () => {
    const { client, connection, target } = await wire();
    connection.set({ stall: { toClient: true } });
    target.socket.write('lost');
    client.socket.write('heard');
    await target.takes(5);
    await pause();
    expect([client.text(), client.ends, target.ends]).toEqual(['', [], []]);
    expect(connection.bytesToClient).toBe(0);
    connection.set({ stall: false });
    target.socket.write('found');
    await client.takes(5);
    expect(client.text()).toBe('found');
  });

  test('stalls at once: not even what was delayed is forwarded', async () => {
    const { proxy, client, target } = await wire({ delay: 100 });
    target.socket.write('on its way');
    await pause();
    proxy.set({ stall: true });
    await pause(100);
    proxy.set({ stall: false, delay: 0 });
    target.socket.write('!');
    await client.takes(1);
    expect(client.text()).toBe('!');
  });

  test.each([
    ['FIN', (end: End) => end.socket.end('?')],
    ['ECONNRESET', (end: End) => end.socket.resetAndDestroy()],
  ])('tells nobody of a %s while it is stalled, but when it lives again', async (how, leave) => {
    const { proxy, client, target } = await wire({ stall: true });
    leave(client);
    target.socket.write('are you there?');
    await pause();
    expect(target.ends).toEqual([]);
    expect(proxy.connections).toHaveLength(1);
    proxy.set({ stall: false });
    await until(() => target.ends.length > 0);
    expect([target.text(), target.ends]).toEqual(['', [how]]);
  });

  test('cuts a stalled connection all the same', async () => {
    const { proxy, client, target } = await wire({ stall: true });
    proxy.cut();
    await until(() => client.ends.length + target.ends.length === 2);
    expect([client.ends, target.ends]).toEqual([['FIN'], ['FIN']]);
  });

  test('refuses new connections with a reset, and keeps those that it has', async () => {
    const { proxy, link, client, target } = await wire();
    proxy.set({ refuse: true });
    const refused = dial(proxy);
    await until(() => refused.ends.length > 0);
    expect(refused.ends).toEqual(['ECONNRESET']);
    expect(proxy.accepted).toBe(1);
    client.socket.write('still here');
    await target.takes(10);
    proxy.set({ refuse: false });
    await link();
    expect(proxy.accepted).toBe(2);
  });

  test.each([401, 403, 404, 503, 599])('answers a handshake with %i', async (status) => {
    const { port, server } = await listen();
    let heard = 0;
    server.on('connection', () => heard++);
    const proxy = await start({ port });
    proxy.set({ answer: status });
    const socket = new WebSocket(proxy.url.replace('http', 'ws'));
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toBe(`Unexpected server response: ${status}`);
    await until(() => proxy.connections.length === 0);
    expect([proxy.accepted, heard]).toEqual([1, 0]);
  });

  test('answers a request that comes in parts, once, and through the other faults', async () => {
    const { proxy } = await wire();
    proxy.set({ answer: 503, split: 1 });
    const client = dial(proxy);
    client.socket.write('GET / HTTP/1.1\r\n\r');
    await pause();
    expect(client.text()).toBe('');
    client.socket.write('\n');
    client.socket.write('GET / HTTP/1.1\r\n\r\n');
    await until(() => client.ends.length > 0);
    client.socket.end();
    expect(client.text()).toBe('HTTP/1.1 503 \r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    expect(client.pieces[0]).toHaveLength(1);
  });

  test('answers nothing to who asks nothing, and can be reset meanwhile', async () => {
    const { proxy, link } = await wire();
    proxy.set({ answer: 401 });
    const silent = dial(proxy);
    silent.socket.end('GET');
    await until(() => silent.ends.length > 0);
    expect([silent.text(), silent.ends]).toEqual(['', ['FIN']]);
    const connected = proxy.connected();
    const patient = dial(proxy);
    (await connected).reset();
    await until(() => patient.ends.length > 0);
    expect(patient.ends).toEqual(['ECONNRESET']);
    proxy.set({ answer: null });
    await link();
  });

  test('keeps the faults of one connection apart from those of others', async () => {
    const { proxy, link, client, connection, target } = await wire();
    connection.set({ stall: true });
    const other = await link();
    for (const { socket } of [client, other.client]) socket.write('x');
    await other.target.takes(1);
    expect(target.text()).toBe('');
    proxy.set({ stall: { toClient: false, toServer: false } });
    client.socket.write('y');
    await target.takes(1);
    expect(target.text()).toBe('y');
  });

  test('leaves no socket and no timer when it is closed, twice if need be', async () => {
    const open = () =>
      process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout|Immediate)/.test(name))
        .length;
    await pause(); // for what the tests before it have left
    const { server, port } = await listen();
    const before = open();
    const proxy = await start({ port });
    proxy.set({ delay: 3_600_000, split: 1 });
    const client = dial(proxy);
    const [socket] = (await once(server, 'connection')) as [Socket];
    const target = watch(socket);
    client.socket.write('x'.repeat(1_000));
    proxy.set({ answer: 503 });
    const answered = dial(proxy);
    await until(() => proxy.connections.length === 2);
    await Promise.all([proxy.close(), proxy.close()]);
    expect(proxy.connections).toEqual([]);
    for (const end of [client, target, answered]) {
      await until(() => end.ends.length > 0);
      end.socket.destroy();
    }
    await until(() => open() <= before);
    await expect(once(connect(portOf(proxy), '127.0.0.1'), 'connect')).rejects.toThrow(
      'ECONNREFUSED',
    );
    proxy.set({ delay: 0 });
    proxy.cut();
    await proxy.close();
  });

  test('closes while its target is not connected yet', async () => {
    const { port } = await listen();
    const proxy = await start({ port });
    const connected = proxy.connected();
    dial(proxy);
    await connected;
    await proxy.close();
  });

  test('takes a port, and says when it is taken', async () => {
    const { port } = await listen();
    await expect(startFaultProxy({ target: 'http://127.0.0.1', port })).rejects.toThrow(
      'EADDRINUSE',
    );
    const proxy = await start({ port });
    const freed = portOf(proxy);
    await proxy.close();
    const next = await startFaultProxy({ target: 'http://[::1]:1', port: freed });
    closings.push(() => next.close());
    expect(next.url).toBe(`http://127.0.0.1:${freed}`);
  });
});

describe('what is wrong for a fault proxy', () => {
  const url = 'an http: or ws: url, or an object of a host and a port';

  test.each([
    [undefined, `"target" must be ${url}.`],
    ['127.0.0.1', `"target" must be ${url}.`],
    ['https://user:secret@host', `"target" must be ${url}, not https:.`],
    [{ host: '', port: 1 }, '"target.host" must be a host.'],
    [{ port: 0 }, '"target.port" must be a port, 1 to 65535, not 0.'],
    [{}, '"target.port" must be a port, 1 to 65535.'],
  ])('is the target %j', async (target, message) => {
    await expect(startFaultProxy({ target: target as string })).rejects.toThrow(
      new TypeError(message),
    );
  });

  test('is a port that there is not', async () => {
    for (const port of [-1, 65_536, 1.5, NaN])
      await expect(startFaultProxy({ target: 'http://h', port })).rejects.toThrow(
        new TypeError(`"port" must be a port, 0 to 65535, not ${port}.`),
      );
  });

  const faults = 'one of the faults delay, throttle, split, merge, stall';
  const wrong: [unknown, string][] = [
    [null, '"faults" must be an object of faults.'],
    ['stall', '"faults" must be an object of faults.'],
    [{ dealy: 1 }, `"dealy" must be ${faults}.`],
    [{ toString: 1 }, `"toString" must be ${faults}.`],
    [{ delay: -1 }, '"delay" must be a number of milliseconds, 0 or more, not -1.'],
    [
      { delay: { toServer: NaN } },
      '"delay.toServer" must be a number of milliseconds, 0 or more, not NaN.',
    ],
    [{ delay: { toMe: 1 } }, '"delay.toMe" must be toClient or toServer.'],
    [{ delay: [50] }, '"delay.0" must be toClient or toServer.'],
    [{ throttle: 0 }, '"throttle" must be a number of bytes a second, above 0, not 0.'],
    [{ split: 1.5 }, '"split" must be a whole number of bytes above 0, or Infinity, not 1.5.'],
    [{ split: 0 }, '"split" must be a whole number of bytes above 0, or Infinity, not 0.'],
    [{ merge: '5' }, '"merge" must be a number of milliseconds, 0 or more, not string.'],
    [{ stall: null }, '"stall" must be true or false, not null.'],
  ];

  const wrongOfProxy: [unknown, string][] = [
    [{ refuse: 1 }, '"refuse" must be true or false, not 1.'],
    [{ answer: 99 }, '"answer" must be an HTTP status, 100 to 599, or null, not 99.'],
    [{ answer: 600 }, '"answer" must be an HTTP status, 100 to 599, or null, not 600.'],
    [{ answer: '503' }, '"answer" must be an HTTP status, 100 to 599, or null, not string.'],
  ];

  test('is a fault that there is not, or that is not as it must be', async () => {
    const { proxy, connection } = await wire();
    const set = (place: Pick<FaultConnection, 'set'>, given: unknown) => () =>
      place.set(given as Faults);
    for (const [given, message] of wrong) {
      expect(set(proxy, given)).toThrow(new TypeError(message));
      expect(set(connection, given)).toThrow(new TypeError(message));
    }
    for (const [given, message] of wrongOfProxy)
      expect(set(proxy, given)).toThrow(new TypeError(message));
    expect(set(connection, { refuse: true })).toThrow(new TypeError(`"refuse" must be ${faults}.`));
  });

  test('changes nothing, and nor does what is undefined', async () => {
    const { proxy, link, client, target } = await wire();
    const given = { stall: true, refuse: true, answer: 99 };
    expect(() => proxy.set(given)).toThrow('"answer"');
    const nothing = { stall: undefined, delay: { toClient: undefined }, refuse: undefined };
    proxy.set(nothing as unknown as ProxyFaults);
    client.socket.write('fine');
    await target.takes(4);
    await link();
  });
});

describe('connectManager, through a fault proxy', () => {
  async function manage(options: Partial<ManagerOptions> = {}) {
    const server = await startStreamServer();
    closings.push(() => server.close());
    const proxy = await start(server.url);
    const reconnect = { base: 1, cap: 5 };
    const stream = connectManager({ url: proxy.url, reconnect, ...options });
    closings.push(() => stream.close());
    const errors: string[] = [];
    stream.status$.subscribe((status) => {
      if (status.state === 'waiting') errors.push(status.error.kind);
    });
    await stream.connect();
    return { server, proxy, stream, errors };
  }

  test('comes back from a reset, through refusals and a server that is not ready', async () => {
    const { proxy, stream, errors, server } = await manage();
    const gap = firstValueFrom(stream.gaps$);
    proxy.set({ refuse: true });
    proxy.reset();
    await until(() => errors.length >= 3);
    proxy.set({ refuse: false, answer: 503 });
    await until(() => proxy.accepted >= 3);
    proxy.set({ answer: null });
    expect((await gap).connection).toBe(2);
    expect(errors[0]).toBe('lost');
    expect(errors).toContain('refused');
    expect(server.sockets).toHaveLength(1);
  });

  test('reads frames whole that come in crumbs', async () => {
    const { server, proxy, stream } = await manage();
    proxy.set({ split: { toClient: 1 } });
    const event = firstValueFrom(stream.events$);
    server.send(notification('thread/name/updated', { threadId: 't', threadName: 'crumbs' }));
    expect((await event).payload).toMatchObject({ params: { threadName: 'crumbs' } });
  });

  test('finds a dead network out by its heartbeat', async () => {
    const heartbeat = { interval: 100, timeout: 100 };
    const { proxy, stream, errors } = await manage({ heartbeat });
    const gap = firstValueFrom(stream.gaps$);
    proxy.set({ stall: true });
    await until(() => errors.length > 0);
    proxy.set({ stall: false });
    await gap;
    // The dead connection has heard meanwhile that the client has left it.
    await until(() => proxy.connections.length === 1);
  });
});
