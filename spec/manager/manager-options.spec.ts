import { describe, expect, jest, test } from '@jest/globals';
import { connectManager, type ConnectionStatus, type ManagerOptions } from 'codex-rx';
import { fakeTransport, marbles, type FakeTransport } from 'codex-rx/testing';
import { map, NEVER, of, timer } from 'rxjs';
import { managerSettings } from '../../lib/manager/manager-options.js';

const url = 'http://host';

describe('options', () => {
  test('have defaults', () => {
    expect(managerSettings({ url })).toMatchObject({
      ping: '{"type":"ping"}',
      connectTimeout: 10_000,
      heartbeat: { interval: 15_000, timeout: 10_000 },
      reconnect: { base: 500, cap: 30_000, stableAfter: 5_000 },
      random: Math.random,
      linger: 1_000,
    });
    expect(managerSettings({ url, heartbeat: false, reconnect: false })).toMatchObject({
      heartbeat: null,
      reconnect: null,
    });
    expect(
      managerSettings({ url, heartbeat: { timeout: 7 }, reconnect: { cap: 9 } }),
    ).toMatchObject({
      heartbeat: { interval: 15_000, timeout: 7 },
      reconnect: { base: 500, cap: 9 },
    });
  });

  test('a timer is not set for longer than timers can wait: it would fire at once', () => {
    const longest = 2 ** 31 - 1;
    const settings = managerSettings({
      url,
      connectTimeout: Infinity,
      linger: 1e12,
      heartbeat: { interval: Infinity, timeout: Infinity },
      reconnect: { base: Infinity, cap: Infinity, stableAfter: Infinity },
    });
    expect(settings).toMatchObject({
      connectTimeout: longest,
      linger: longest,
      heartbeat: { interval: longest, timeout: longest },
      reconnect: { base: longest, cap: longest },
    });
  });

  const bad: [string, unknown, string][] = [
    ['no url', { url: undefined }, '"url" must be an absolute url'],
    ['null for a url', { url: null }, '"url" must be an absolute url'],
    ['a relative url', { url: 'host' }, '"url" must be an absolute url'],
    ['a wrong scheme', { url: 'ftp://host' }, '"url" must be http:, https:, ws: or wss:, not ftp:'],
    ['an empty thread', { threadId: '' }, '"threadId" must be a string that is not empty.'],
    ['a thread that is no string', { threadId: 5 }, '"threadId" must be a string'],
    [
      'two threads',
      { url: 'http://h/?threadId=a', threadId: 'b' },
      '"threadId" must be the thread that "url" names.',
    ],
    ['null for headers', { headers: null }, '"headers" must be an object of strings.'],
    ['text for headers', { headers: 'x: canary' }, '"headers" must be an object of strings.'],
    [
      'Headers',
      { headers: new Headers({ x: 'canary' }) },
      '"headers" must be an object of strings.',
    ],
    ['a header that is no string', { headers: { 'x-id': 5 } }, '"headers.x-id" must be a string.'],
    ['a router that is none', { router: { on() {} } }, '"router" must be a StreamRouter.'],
    ['half a router', { router: { dispatch() {} } }, '"router" must be a StreamRouter.'],
    ['a signal that is none', { signal: {} }, '"signal" must be an AbortSignal.'],
    [
      'null for a heartbeat',
      { heartbeat: null },
      '"heartbeat" must be an object of options, or false.',
    ],
    [
      'true for reconnect',
      { reconnect: true },
      '"reconnect" must be an object of options, or false.',
    ],
    [
      'a negative time',
      { connectTimeout: -1 },
      '"connectTimeout" must be a number, 0 or more, not -1.',
    ],
    ['NaN', { linger: NaN }, '"linger" must be a number, 0 or more, not NaN.'],
    ['text for a time', { linger: '5' }, '"linger" must be a number, 0 or more, not string.'],
    ['null for a time', { maxFrameBytes: null }, '"maxFrameBytes" must be a number'],
    [
      'a negative interval',
      { heartbeat: { interval: -1 } },
      '"heartbeat.interval" must be a number',
    ],
    ['a negative base', { reconnect: { base: -1 } }, '"reconnect.base" must be a number'],
    ['a negative cap', { reconnect: { cap: -1 } }, '"reconnect.cap" must be a number'],
    ['negative attempts', { reconnect: { attempts: -1 } }, '"reconnect.attempts" must be a number'],
    [
      'a bad stableAfter',
      { reconnect: { stableAfter: {} } },
      '"reconnect.stableAfter" must be a number',
    ],
    ['text for ignore', { ignore: 'notification' }, '"ignore" must be an array of types in ASCII'],
    ['an empty type', { ignore: [''] }, '"ignore" must be an array of types in ASCII'],
    ['a type that is no ASCII', { ignore: ['日本'] }, '"ignore" must be an array of types'],
    ['text for resync', { resync: 'yes' }, '"resync" must be a function, or false.'],
    ['true for health', { health: true }, '"health" must be an object of options, or false.'],
    ['a bad interval', { health: { interval: NaN } }, '"health.interval" must be a number'],
    ['no function for fetch', { fetch: {} }, '"fetch" must be a function.'],
    [
      'no function for shouldRetry',
      { reconnect: { shouldRetry: true } },
      '"reconnect.shouldRetry" must be a function.',
    ],
    ['no function for random', { random: 5 }, '"random" must be a function.'],
    ['no function for socket', { transport: {} }, '"transport" must be a function.'],
  ];

  test.each(bad)('%s is told at the call, by name', (_, options, message) => {
    const call = () => connectManager({ url, ...(options as Partial<ManagerOptions>) });
    expect(call).toThrow(message);
    expect(call).toThrow(/^(?!.*canary)/s);
  });

  test.each([undefined, null])('%s for all of them is told too', (options) => {
    expect(() => connectManager(options as never)).toThrow('"url" must be an absolute url');
  });
});

/** Connects in virtual time: the links that were opened, and the states, at the end. */
function play(
  options: ManagerOptions,
  script: (socket: FakeTransport) => void = () => undefined,
  end = 100,
): { socket: FakeTransport; states: ConnectionStatus[] } {
  const socket = fakeTransport();
  const states: ConnectionStatus[] = [];
  marbles(() => {
    const reconnect = { base: 10, cap: 10 };
    const stream = connectManager({
      random: () => 1,
      reconnect,
      ...options,
      transport: socket.open,
    });
    stream.status$.subscribe((status) => states.push(status));
    void stream.connect().catch(() => undefined);
    script(socket);
    timer(end).subscribe(() => void stream.close());
  });
  return { socket, states };
}

describe('in a browser', () => {
  test('headers are told to be impossible at the call, unless the transport is your own', async () => {
    jest.unstable_mockModule('#websocket', () => import('../../lib/socket/native.js'));
    jest.resetModules();
    const browser = await import('../../lib/manager/manager-options.js');
    const headers = { authorization: 'canary' };
    expect(() => browser.managerSettings({ url, headers })).toThrow(
      /^"headers" must be left out: a browser sends none/,
    );
    const { open } = fakeTransport();
    expect(browser.managerSettings({ url, headers, transport: open }).openTransport).toBe(open);
    expect(browser.managerSettings({ url })).toBeDefined();
  });
});

describe('url and headers', () => {
  test('are given as they are', () => {
    const { socket } = play({
      url: new URL('https://h/p'),
      threadId: 't',
      headers: { a: 'b' },
      maxFrameBytes: 7,
    });
    expect(socket.last.request).toEqual({
      url: 'wss://h/p/api/stream?threadId=t',
      headers: { a: 'b' },
      protocols: [],
      maxFrameBytes: 7,
      ignore: null,
    });
  });

  test('have the token among the headers, where there are headers', () => {
    const { socket } = play({ url: 'http://h', headers: { a: 'b' }, token: 'secret' });
    expect(socket.last.request).toMatchObject({
      headers: { a: 'b', authorization: 'Bearer secret' },
      protocols: [],
    });
  });

  test('as functions are asked anew for each attempt', () => {
    let asked = 0;
    const { socket } = play(
      { url: () => `http://h/?n=${++asked}`, headers: () => ({ authorization: `token ${asked}` }) },
      (socket) => {
        timer(1).subscribe(() => socket.last.end());
        timer(12).subscribe(() => socket.last.end());
      },
    );
    expect(socket.connections.map(({ request }) => [request.url, request.headers])).toEqual(
      [1, 2, 3].map((n) => [`ws://h/api/stream?n=${n}`, { authorization: `token ${n}` }]),
    );
  });

  test('may be answered by an Observable, the first answer counts', () => {
    const { socket } = play({
      url: () => of('http://a', 'http://b'),
      headers: () => timer(5).pipe(map(() => ({ x: 'y' }))),
    });
    expect(socket.connections.map(({ request }) => [request.url, request.headers])).toEqual([
      ['ws://a/api/stream', { x: 'y' }],
    ]);
  });

  test('may be answered by a promise', async () => {
    const socket = fakeTransport();
    const stream = connectManager({
      url: async () => new URL('http://later'),
      headers: async () => ({ authorization: 'fresh' }),
      transport: socket.open,
    });
    const ready = stream.connect();
    expect(socket.connections).toHaveLength(0);
    while (socket.connections.length === 0) await Promise.resolve();
    expect(socket.last.request.url).toBe('ws://later/api/stream');
    expect(socket.last.request.headers).toEqual({ authorization: 'fresh' });
    socket.last.accept();
    socket.last.send({ type: 'ready', threadId: null });
    await ready;
    await stream.close();
  });

  test('that never come are given up in time', () => {
    const { states } = play({ url: () => NEVER, connectTimeout: 50 });
    expect(states).toContainEqual(
      expect.objectContaining({
        state: 'waiting',
        error: expect.objectContaining({ kind: 'timeout' }),
      }),
    );
  });

  test.each([
    [
      'throws',
      {
        url: () => {
          throw new Error('no token yet');
        },
      },
      'no token yet',
    ],
    ['answers nothing', { url: () => undefined as never }, '"url" must be an absolute url'],
    ['answers what is no url', { url: () => 'host' }, '"url" must be an absolute url'],
    [
      'names another thread',
      { url: () => 'http://h/?threadId=b', threadId: 'a' },
      '"threadId" must be',
    ],
    [
      'answers no headers',
      { url, headers: () => undefined as never },
      '"headers" must be an object',
    ],
  ])('a function that %s is asked again later', (_, options, message) => {
    const { states, socket } = play(options);
    expect(states[2]).toMatchObject({
      state: 'waiting',
      error: { kind: 'options', permanent: false },
    });
    expect((states[2] as { error: Error }).error.message).toContain(message);
    expect(socket.connections).toHaveLength(0);
  });
});
