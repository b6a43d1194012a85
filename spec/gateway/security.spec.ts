import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectManager, type ManagerStream } from 'codex-rx';
import {
  feedLog,
  memoryLog,
  serveGateway,
  type Feed,
  type Gateway,
  type GatewayIdentity,
} from 'codex-rx/gateway';
import { startFakeManager, type FakeManager } from 'codex-rx/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, Subscription } from 'rxjs';
import { WebSocket } from 'ws';
import { inspectedRoutes, type Playback, type PlaybackState } from '../../lib/gateway/inspected.js';
import { until } from '../support/until.js';
import { head, json, raw, upgrade, type Head } from './raw.js';
import { token } from './stage.js';

let server: FakeManager;
let source: ManagerStream;
let feed: Feed;
let gateway: Gateway;
let restricted: Gateway;
let port: number;
let folder: string;
const watching = new Subscription();

const identities: Readonly<Record<string, GatewayIdentity>> = {
  [token]: { name: 'all', answers: true },
  'of-a': { name: 'of A', answers: true, sees: (threadId) => threadId === 'thread-1' },
  reader: { name: 'reader' },
};

beforeAll(async () => {
  server = await startFakeManager();
  server.session();
  server.session();
  source = connectManager({ url: server.url, health: false });
  feed = feedLog(source, memoryLog());
  folder = await mkdtemp(join(tmpdir(), 'codex-rx-pages-'));
  const html = '<base href="/"><style nonce="CSP_NONCE"></style>';
  await writeFile(join(folder, 'index.html'), html);
  await writeFile(join(folder, 'main.js'), 'export {}');
  const playback: Playback = { read: () => ({}) as PlaybackState, control: () => undefined };
  const inspected = inspectedRoutes(source, playback, watching);
  const pages = { pages: folder, inspected } as object;
  gateway = await serveGateway(feed, { token, ...pages });
  restricted = await serveGateway(feed, {
    authorize: (_, given) => identities[given ?? ''] ?? null,
  });
  port = Number(new URL(gateway.url).port);
  await source.connect();
});

afterAll(async () => {
  watching.unsubscribe();
  feed.close();
  await Promise.all([gateway.close(), restricted.close()]);
  await source.close();
  await server.close();
  await rm(folder, { recursive: true });
});

const origin = () => `origin: http://127.0.0.1:${port}`;
const answerPath = '/api/requests/no-such-key/answer';
const post = (given: Head = {}): Head => ({
  method: 'POST',
  path: answerPath,
  ...json('{}'),
  ...given,
});
const stream = (lines: readonly string[] = [], given: Head = {}): Head => ({
  path: '/api/stream',
  ...given,
  lines: [...upgrade, ...lines],
});
const protocols = `sec-websocket-protocol: codex-rx, bearer.${token}`;

const order = (body: string, given: Head = {}): Head =>
  post({ path: '/api/inspector/playback', ...json(body), ...given });

/** The statuses of the replies to one request. */
const statuses = async (given: Head) => (await raw(port, head(port, given))).statuses;

describe('the gateway refuses, and takes the same without the attack', () => {
  test.each<readonly [string, () => Head, number, () => Head, number]>([
    [
      'a name that was made to mean this machine',
      () => ({ host: `evil.example:${port}` }),
      421,
      () => ({}),
      200,
    ],
    [
      'its own name without the port',
      () => ({ host: '127.0.0.1' }),
      421,
      () => ({ host: `LOCALHOST:${port}` }),
      200,
    ],
    [
      'an upgrade for another name',
      () => stream([], { host: `evil.example:${port}` }),
      421,
      () => stream(),
      101,
    ],
    [
      'a page for another name',
      () => ({ path: '/', host: `evil.example:${port}` }),
      421,
      () => ({ path: '/', authorization: null }),
      200,
    ],
    [
      'an order to a recording without the token',
      () => order('{}', { authorization: null, lines: [...json('{}').lines, origin()] }),
      401,
      () => order('{}', { lines: [...json('{}').lines, origin()] }),
      200,
    ],
    [
      'an order to a recording from a page of others',
      () => order('{}', { lines: [...json('{}').lines, 'origin: http://evil.example'] }),
      403,
      () => order('{}', { lines: [...json('{}').lines, origin()] }),
      200,
    ],
    ['a speed that is none', () => order('{"speed":0}'), 400, () => order('{"speed":0.5}'), 200],
    [
      'a time that is none',
      () => order('{"position":-1}'),
      400,
      () => order('{"position":1}'),
      200,
    ],
    ['a run that is none', () => order('{"begin":"1"}'), 400, () => order('{"begin":1}'), 200],
    [
      'a word for a yes',
      () => order('{"isPlaying":"no"}'),
      400,
      () => order('{"isPlaying":true}'),
      200,
    ],
    [
      'a look at the program without the token',
      () => ({ path: '/api/inspector', authorization: null }),
      401,
      () => ({ path: '/api/inspector' }),
      200,
    ],
    ['a second host', () => ({ lines: ['host: evil.example'] }), 400, () => ({}), 200],
    ['a second token', () => ({ lines: ['authorization: Bearer x'] }), 400, () => ({}), 200],
    [
      'a second origin',
      () => post({ lines: [...json('{}').lines, origin(), 'origin: http://evil.example'] }),
      400,
      () => post({ lines: [...json('{}').lines, origin()] }),
      404,
    ],
    [
      'a second type of the body',
      () => post({ lines: [...json('{}').lines, 'content-type: text/plain'] }),
      400,
      () => post(),
      404,
    ],
    [
      'a foreign origin',
      () => post({ lines: [...json('{}').lines, 'origin: http://evil.example'] }),
      403,
      () => post({ lines: [...json('{}').lines, origin()] }),
      404,
    ],
    [
      'an origin that is null',
      () => post({ lines: [...json('{}').lines, 'origin: null'] }),
      403,
      () => post(),
      404,
    ],
    [
      'another port of this machine',
      () => stream(['origin: http://127.0.0.1:1']),
      403,
      () => stream([origin()]),
      101,
    ],
    [
      'a foreign page with a websocket',
      () => stream(['origin: http://evil.example', protocols], { authorization: null }),
      403,
      () => stream([origin(), protocols], { authorization: null }),
      101,
    ],
    [
      'a websocket with a subprotocol, and no origin',
      () => stream([protocols], { authorization: null }),
      403,
      () => stream(),
      101,
    ],
    [
      'a body that any page may send',
      () => post({ lines: ['content-type: text/plain', 'content-length: 2'], body: '{}' }),
      415,
      () => post(),
      404,
    ],
    [
      'a preflight',
      () => ({
        method: 'OPTIONS',
        path: answerPath,
        authorization: null,
        lines: ['origin: http://evil.example', 'access-control-request-method: POST'],
      }),
      403,
      () => post(),
      404,
    ],
    ['no token', () => ({ authorization: null }), 401, () => ({}), 200],
    ['an old token', () => ({ authorization: 'Bearer old' }), 401, () => ({}), 200],
    [
      'an upgrade with an old token',
      () => stream([], { authorization: 'Bearer old' }),
      401,
      () => stream(),
      101,
    ],
    [
      'a token in a cookie',
      () => ({ authorization: null, lines: [`cookie: token=${token}`] }),
      401,
      () => ({}),
      200,
    ],
    ['a stream without an upgrade', () => ({ path: '/api/stream' }), 426, () => stream(), 101],
    [
      'another protocol',
      () => ({ path: '/api/stream', lines: ['connection: Upgrade', 'upgrade: h2c'] }),
      400,
      () => stream(),
      101,
    ],
    [
      'a length that is too large',
      () => ({
        method: 'POST',
        path: '/api/sessions',
        lines: ['content-type: application/json', 'content-length: 1048577'],
      }),
      413,
      () => post({ path: '/api/sessions' }),
      200,
    ],
    [
      'two lengths',
      () => post({ lines: [...json('{}').lines, 'content-length: 3'] }),
      400,
      () => post(),
      404,
    ],
    [
      'a length and chunks',
      () => post({ lines: [...json('{}').lines, 'transfer-encoding: chunked'] }),
      400,
      () => post(),
      404,
    ],
    ['headers without end', () => ({ lines: [`x: ${'x'.repeat(20_000)}`] }), 431, () => ({}), 200],
  ])('%s', async (_, attack, refused, control, taken) => {
    expect(await statuses(attack())).toEqual([refused]);
    expect(await statuses(control())).toEqual([taken]);
  });

  test.each([
    '/api/sessions/a%2fb/events',
    '/api/sessions/a%2Fb',
    '/api/sessions/a%5cb',
    '/api/sessions/%2e%2e/x',
    '/api/sessions/a%00b',
    '/api/sessions\\a',
    '/api//health',
    '/api/./health',
    '/api/x/../health',
    '/../../etc/passwd',
    '/%2e%2e/main.js',
    '/main.js/..',
  ])('the path %s', async (path) => {
    expect(await statuses({ path })).toEqual([404]);
    expect(await statuses({ path: '/api/health' })).toEqual([200]);
  });

  test('a body that is too large, in chunks', async () => {
    const lines = ['content-type: application/json', 'transfer-encoding: chunked'];
    const chunk = `80000\r\n${' '.repeat(0x80000)}\r\n`;
    const start = head(port, { method: 'POST', path: '/api/sessions', lines });
    const { statuses } = await raw(port, start, chunk, chunk, chunk);
    expect(statuses).toEqual([413]);
  });

  test('a request that hides in the body of a refused one: there is one reply', async () => {
    const inner = head(port);
    const hidden = (given: Head) => ({ ...given, body: inner });
    const length = `content-length: ${inner.length}`;
    expect(
      await statuses(
        hidden(
          post({
            authorization: null,
            lines: [origin(), length, 'content-type: application/json'],
          }),
        ),
      ),
    ).toEqual([401]);
    expect(await statuses(hidden({ lines: [length] }))).toEqual([200]);
    expect(await statuses(hidden(stream([], { authorization: null })))).toEqual([403]);
  });
});

describe('every reply', () => {
  test('keeps pages of others out: no frame, no cache, no cross-origin reader', async () => {
    for (const given of [
      {},
      { path: '/' },
      { host: 'evil.example' },
      stream([], { authorization: 'x' }),
    ]) {
      const { text } = await raw(port, head(port, given));
      expect(text).toMatch(/content-security-policy: .*frame-ancestors 'none'/i);
      expect(text).toMatch(/x-frame-options: DENY/i);
      expect(text).toMatch(/cache-control: no-store/i);
      expect(text).not.toMatch(/access-control/i);
    }
  });

  test('to a websocket names the subprotocol, and never the token', async () => {
    const { text } = await raw(
      port,
      head(port, stream([origin(), protocols], { authorization: null })),
    );
    expect(text).toMatch(/sec-websocket-protocol: codex-rx\r\n/i);
    expect(text).not.toContain(token);
  });
});

describe('a page of the gateway', () => {
  test('has a nonce of its own for styles, and scripts of the gateway alone', async () => {
    const texts = await Promise.all([1, 2].map(() => raw(port, head(port, { path: '/' }))));
    const nonces = texts.map(({ text }) => /nonce="([^"]+)"/.exec(text)?.[1]);
    expect(new Set(nonces).size).toBe(2);
    for (const [index, { text }] of texts.entries()) {
      expect(text).toContain(`style-src 'self' 'nonce-${nonces[index]}'`);
      expect(text).toContain("script-src 'self';");
    }
    const script = await raw(port, head(port, { path: '/main.js', authorization: null }));
    expect([script.statuses, script.text.includes('text/javascript')]).toEqual([[200], true]);
  });
});

describe('tickets', () => {
  const issue = async () => {
    const { text } = await raw(
      port,
      head(port, { method: 'POST', path: '/api/ticket', ...json('') }),
    );
    return /"ticket":"([\w-]+)"/.exec(text)?.[1] as string;
  };
  const withTicket = (ticket: string, given: Head = {}) => ({
    ...stream([origin()], { authorization: null, ...given }),
    path: `/api/stream?ticket=${ticket}`,
  });

  test('are good once', async () => {
    const ticket = await issue();
    expect(await statuses(withTicket(ticket))).toEqual([101]);
    expect(await statuses(withTicket(ticket))).toEqual([401]);
  });

  test('that were used do not hinder a request with a header', async () => {
    expect(await statuses({ path: '/api/health?ticket=used' })).toEqual([200]);
    expect(await statuses({ path: '/api/health?ticket=used', authorization: null })).toEqual([401]);
  });
});

/** Asks the gateway that knows several identities. */
async function ask(as: string, path: string, body?: object) {
  const reply = await fetch(restricted.url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as never };
}

/** The frames that an identity gets. */
async function connected(as: string, query = '') {
  const url = `${restricted.url.replace('http', 'ws')}/api/stream${query}`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${as}` } });
  const frames: { type: string; threadId: string | null }[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as never));
  await until(() => frames.length > 0);
  return { socket, frames };
}

describe('an identity of one thread', () => {
  test('hears that thread alone, live, by subscribe and in a replay', async () => {
    const epoch = feed.log.epoch;
    const [mine, all] = [await connected('of-a', `?after=${epoch}:0`), await connected(token)];
    mine.socket.send(JSON.stringify({ type: 'subscribe', threadId: 'thread-2' }));
    mine.socket.send(JSON.stringify({ type: 'unsubscribe' }));
    for (const thread of ['thread-2', 'thread-1']) {
      server.notify(thread, 'item/started', { item: { id: 'i', type: 'plan' }, turnId: 'u' });
    }
    server.notify(null, 'account/updated', {});
    server.notify('thread-1', 'thread/name/updated', { threadName: 'last' });
    await until(() => all.frames.some(({ type }) => type.includes('name')));
    await until(() => mine.frames.some(({ type }) => type === 'app_server.thread.name.updated'));
    const late = await connected('of-a', `?after=${epoch}:0`);
    await until(() => late.frames.some(({ type }) => type === 'pong'));
    for (const { frames } of [mine, late]) {
      const events = frames.filter(({ type }) => !['ready', 'pong'].includes(type));
      expect(new Set(events.map(({ threadId }) => threadId))).toEqual(new Set(['thread-1']));
    }
    expect(all.frames.some(({ threadId }) => threadId === 'thread-2')).toBe(true);
    for (const { socket } of [mine, all, late]) socket.terminate();
  });

  test('finds no session, no request and no event of another thread', async () => {
    const ofB = server.request('thread-2', 'item/tool/call', { callId: 'c', tool: 'x' });
    void ofB;
    await firstValueFrom(source.requests.pending$.pipe(filter(({ length }) => length > 0)));
    const listed = await ask(token, '/api/requests');
    const [{ key, event }] = (
      listed.body as { data: [{ key: string; event: { payload: { requestId: number } } }] }
    ).data;
    const after = `?after=${feed.log.epoch}:0`;
    const paths = ['/api/sessions/thread-2', `/api/sessions/thread-2/events${after}`];
    const answer = { answer: { contentItems: [], success: true } };
    const asked = async (as: string) => [
      ...(await Promise.all(paths.map(async (path) => (await ask(as, path)).status))),
      (await ask(as, `/api/requests/${key}/answer`, answer)).status,
      (await ask(as, `/api/tool-calls/${event.payload.requestId}/response`, {})).status,
      (await ask(as, '/api/sessions/thread-2/messages', { text: 'x' })).status,
      (await ask(as, '/api/sessions', {})).status,
    ];
    expect(await asked('of-a')).toEqual([404, 404, 404, 404, 404, 403]);
    const rows = async (as: string, path: string) =>
      ((await ask(as, path)).body as { data: unknown[] }).data.length;
    expect(await rows('of-a', '/api/requests')).toBe(0);
    expect(await rows('of-a', '/api/sessions/thread-2/tool-calls')).toBe(0);
    expect(await rows('of-a', '/api/sessions')).toBe(1);
    expect(await rows(token, '/api/sessions')).toBeGreaterThan(1);
    expect(await rows(token, '/api/sessions/thread-2/tool-calls')).toBe(1);
    expect(await asked(token)).toEqual([200, 200, 200, 404, 202, 200]);
  });
});

describe('an identity that only reads', () => {
  test('changes nothing', async () => {
    const changes: readonly (readonly [string, object])[] = [
      [answerPath, { answer: {} }],
      ['/api/approvals/1/decision', { decision: 'accept' }],
      ['/api/sessions', {}],
      ['/api/sessions/thread-1/messages', { text: 'x' }],
      ['/api/sessions/thread-1/interrupt', {}],
    ];
    for (const [path, body] of changes) expect((await ask('reader', path, body)).status).toBe(403);
    expect((await ask('reader', '/api/sessions/thread-1')).status).toBe(200);
  });
});

describe('a client', () => {
  const codeOf = (socket: WebSocket) =>
    new Promise<number>((resolve) => {
      socket.on('close', resolve);
    });

  test('that is revoked is cut', async () => {
    const [mine, other] = [await connected('reader'), await connected(token)];
    restricted.revoke(({ name }) => name === 'reader');
    expect(await codeOf(mine.socket)).toBe(1008);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
    other.socket.terminate();
  });

  test('that floods commands is cut, and one that sends too large a command', async () => {
    const flood = await connected(token);
    for (let at = 0; at < 300; at++) flood.socket.send('{"type":"ping"}');
    expect(await codeOf(flood.socket)).toBe(1008);
    const large = await connected(token);
    large.socket.send(`{"type":"ping","more":"${'x'.repeat(70_000)}"}`);
    expect(await codeOf(large.socket)).toBe(1009);
  });
});
