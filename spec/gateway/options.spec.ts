import { describe, expect, test } from '@jest/globals';
import { connectManager, ofType } from 'codex-rx';
import {
  eventStream,
  feedLog,
  memoryLog,
  serveGateway,
  type FeedMessage,
  type GatewayOptions,
} from 'codex-rx/gateway';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, startStreamServer } from 'codex-rx/testing';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../support/until.js';
import { head, raw, upgrade } from './raw.js';
import { bearer, clientOf, closeLater, plain, serve, token } from './stage.js';

async function ofManager() {
  const server = await startStreamServer();
  closeLater(() => server.close());
  return { server, source: connectManager({ url: server.url, health: false, resync: false }) };
}

describe('options that are wrong are named', () => {
  test.each<[string, unknown]>([
    ['server', {}],
    ['base', '/codex/'],
    ['hosts', ['']],
    ['origins', ['https://codex.example.org/']],
    ['authorize', true],
    ['aliases', 1],
    ['token', ''],
    ['log', {}],
    ['highWater', -1],
    ['other', 1],
  ])('%s', async (name, value) => {
    const { source } = await ofManager();
    closeLater(() => source.close());
    const feed = feedLog(source, memoryLog());
    closeLater(() => {
      feed.close();
    });
    await expect(serveGateway(feed, { [name]: value })).rejects.toThrow(name);
  });

  test('port beside a server, and a feed that is none', async () => {
    const { source } = await ofManager();
    closeLater(() => source.close());
    const feed = feedLog(source, memoryLog());
    const server = createServer();
    await expect(serveGateway(feed, { server, port: 1 })).rejects.toThrow('port');
    await expect(serveGateway({ ...feed })).rejects.toThrow('feed');
    expect(() => feedLog(source, memoryLog(), { follow: 'none' as never })).toThrow('follow');
    expect(() => feedLog({} as never, memoryLog())).toThrow('stream');
  });
});

describe('a server of the user', () => {
  const reply = async (port: number, path: string, lines: readonly string[] = []) =>
    (await raw(port, head(port, { path, lines }))).statuses;

  test('keeps its own listeners beside the gateway, and after it', async () => {
    const { source } = await ofManager();
    const server = createServer((_, response) => response.writeHead(299).end());
    server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 298 Other\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closeLater(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { gateway } = await serve(source, { server, base: '/codex' });
    const both = async () => [
      await reply(port, '/codex/api/health'),
      await reply(port, '/api/health'),
      await reply(port, '/codex/api/stream', upgrade),
      await reply(port, '/else', upgrade),
    ];
    expect(await both()).toEqual([[200], [299], [101], [298]]);
    await gateway.close();
    expect(await both()).toEqual([[299], [299], [298], [298]]);
  });

  test('without any is refused what is not below base', async () => {
    const { source } = await ofManager();
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closeLater(() => server.close());
    const { port } = server.address() as AddressInfo;
    await serve(source, { server, base: '/codex' });
    expect(await reply(port, '/else')).toEqual([404]);
    expect(await reply(port, '/else', upgrade)).toEqual([404]);
  });
});

async function ofAppServer(options: GatewayOptions = {}) {
  const server = await startFakeAppServer();
  closeLater(() => server.close());
  const source = connectAppServer({ url: server.url });
  return { ...(await serve(source, options)), server, source };
}

test.each([
  ['a client with numbers', {}],
  ['a client without', plain],
])('with aliases %s hears of a request by the event of codex-manager too', async (_, options) => {
  const stage = await ofAppServer({ aliases: true });
  const { thread } = await stage.source.call('thread/start', {});
  const client = clientOf(stage.gateway, options);
  const heard: [string, unknown][] = [];
  for (const type of ['approval', 'tool_call_requested', 'tool_user_input_requested']) {
    client.on(ofType(type), ({ payload }) => {
      const { method, summary } = payload as { method: string; summary: string };
      heard.push([method, summary]);
    });
  }
  const opened: string[] = [];
  client.requests.opened$.subscribe(({ method }) => opened.push(method));
  await client.connect();
  const asked: [string, object][] = [
    ['item/commandExecution/requestApproval', { itemId: 'i', command: 'ls' }],
    ['item/fileChange/requestApproval', { itemId: 'j' }],
    ['item/permissions/requestApproval', { itemId: 'k', permissions: {} }],
    ['item/tool/call', { callId: 'c', tool: 'x', arguments: {} }],
    ['item/tool/requestUserInput', { itemId: 'l', questions: [] }],
  ];
  for (const [method, params] of asked) void stage.server.request(thread.id, method, params);
  await until(() => opened.length === 5 && heard.length === 4);
  expect(heard).toEqual([
    ['item/commandExecution/requestApproval', 'Command approval required: ls'],
    ['item/fileChange/requestApproval', 'File change approval required'],
    ['item/tool/call', 'Tool call requested: x'],
    ['item/tool/requestUserInput', 'Tool input required (0)'],
  ]);
  // Once each, though two events announce it.
  expect(opened).toEqual(asked.map(([method]) => method));
});

describe('a feed of a server that others use too', () => {
  test.each([
    ['own', []],
    ['all', ['loaded', 'later']],
  ] as const)('hears, following %s, the threads %p of theirs', async (follow, wanted) => {
    const server = await startFakeAppServer();
    closeLater(() => server.close());
    const [other, source] = [
      connectAppServer({ url: server.url }),
      connectAppServer({ url: server.url }),
    ];
    closeLater(() => other.close());
    closeLater(() => source.close());
    await other.connect();
    const loaded = (await other.call('thread/start', {})).thread.id;
    const feed = feedLog(source, memoryLog(), { follow });
    closeLater(() => {
      feed.close();
    });
    const heard = new Set<string | null>();
    source.on(ofType('app_server.item.agent_message.delta'), ({ threadId }) => heard.add(threadId));
    await source.connect();
    const later = (await other.call('thread/start', {})).thread.id;
    const own = (await source.call('thread/start', {})).thread.id;
    const resumed = () => server.received.filter((text) => text.includes('"thread/resume"')).length;
    if (follow === 'all') await until(() => resumed() >= 2);
    await source.call('thread/loaded/list', {});
    for (const id of [loaded, later, own]) {
      server.notify(id, 'item/agentMessage/delta', { itemId: 'i', turnId: 'u', delta: 'x' });
    }
    await until(() => heard.has(own));
    const names = { [loaded]: 'loaded', [later]: 'later', [own]: 'own' };
    expect([...heard].map((id) => names[String(id)]).sort()).toEqual([...wanted, 'own'].sort());
  });
});

describe('what a source sent', () => {
  const delta = '{"type":"app_server.item.agent_message.delta","threadId":';

  test.each([
    ['is passed on as it came', `${delta}"t","payload":{"n": 1.50,"e":"\\u00e9"}}`, true],
    ['is passed on of no thread', `${delta}null,"payload":{"n": 1.50}}`, true],
    ['is written anew around a number', `${delta}"t","payload":{"n": 1.50},"seq":7}`, false],
    ['is written anew around a key', `${delta}"t","payload":{"n":1},"requestKey":"k"}`, false],
    [
      'is written anew with members in another order',
      `{"threadId":"t",${delta.slice(1, -12)}}`,
      false,
    ],
    [
      'is written anew with a thread from its payload',
      `${delta.slice(0, -12)},"payload":{"threadId":"t"}}`,
      false,
    ],
    ['is written anew with a thread twice', `${delta}"t","payload":{},"threadId":"u"}`, false],
  ])('%s', async (_, text, isAsItCame) => {
    const { server, source } = await ofManager();
    const { feed } = await serve(source);
    for (const socket of server.sockets) socket.sendRaw(text);
    await until(() => feed.log.last === 1);
    const [entry] = await feed.log.read(1, 1);
    const frame = Buffer.from(entry!.frame).toString();
    expect(frame === text).toBe(isAsItCame);
    expect(frame).toMatch(/^\{"type":"app_server\.item\.agent_message\.delta","threadId":/);
    const { seq, requestKey, ...event } = JSON.parse(text) as Record<string, unknown>;
    expect([seq, requestKey].filter(Boolean)).toHaveLength(/"seq"|"requestKey"/.test(text) ? 1 : 0);
    expect(JSON.parse(frame)).toMatchObject({
      ...event,
      threadId: event['threadId'] ?? entry!.threadId,
    });
    expect(JSON.parse(frame)).not.toHaveProperty('seq');
  });
});

describe('server-sent events', () => {
  test('resume after the last id, whatever the url says', async () => {
    const { server, source } = await ofManager();
    const { feed, gateway } = await serve(source);
    for (const n of [1, 2, 3]) server.send({ type: 'x', threadId: 't', payload: n } as never);
    await until(() => feed.log.last === 3);
    const abort = new AbortController();
    const id = (seq: number) => `${feed.log.epoch}:${seq}`;
    const reply = await fetch(`${gateway.url}/api/events?threadId=t&after=${id(0)}`, {
      headers: { ...bearer, 'last-event-id': id(2) },
      signal: abort.signal,
    });
    expect(reply.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (text.includes('"type":"pong"')) break;
    }
    abort.abort();
    expect(text.startsWith(`retry: 500\nevent: ready\nid: ${id(2)}\n`)).toBe(true);
    expect([...text.matchAll(/^data: \{"type":"x".*"payload":(\d)/gm)].map(([, n]) => n)).toEqual([
      '3',
    ]);
  });

  test('of a feed are messages for a server of the user', async () => {
    const { server, source } = await ofManager();
    const { feed } = await serve(source, {}, { events: 3 });
    const got: FeedMessage[] = [];
    eventStream(feed, { threadId: 't' }).subscribe((message) => got.push(message));
    for (const n of [1, 2]) server.send({ type: 'x', threadId: 't', payload: n } as never);
    server.send({ type: 'x', threadId: 'u', payload: 3 } as never);
    await until(() => feed.log.last === 3);
    const { epoch } = feed.log;
    expect(got).toEqual([
      { type: 'ready', id: `${epoch}:0`, retry: 500, data: expect.stringContaining('"seq":0') },
      { id: `${epoch}:1`, data: '{"type":"x","threadId":"t","payload":1,"seq":1}' },
      { id: `${epoch}:2`, data: '{"type":"x","threadId":"t","payload":2,"seq":2}' },
    ]);
    const replayed: FeedMessage[] = [];
    const identity = { name: 'of u', sees: (threadId: string) => threadId === 'u' };
    eventStream(feed, { after: `${epoch}:0`, identity }).subscribe((message) =>
      replayed.push(message),
    );
    expect(replayed.map(({ id }) => id)).toEqual([`${epoch}:0`, `${epoch}:3`]);
    expect(() => eventStream(feed, { after: 1 as never })).toThrow('after');
    expect(() => eventStream(feed, { threadId: 1 as never })).toThrow('threadId');
  });
});

describe('tickets', () => {
  test('of an identity that is revoked are good no more', async () => {
    const { source } = await ofManager();
    const { gateway } = await serve(source);
    const { port } = new URL(gateway.url);
    const issue = async () => {
      const reply = await fetch(`${gateway.url}/api/ticket`, { method: 'POST', headers: bearer });
      return ((await reply.json()) as { ticket: string }).ticket;
    };
    const [first, second] = [await issue(), await issue()];
    const use = async (ticket: string) => {
      const path = `/api/stream?ticket=${ticket}`;
      const lines = [...upgrade, `origin: http://127.0.0.1:${port}`];
      return (await raw(Number(port), head(Number(port), { path, lines, authorization: null })))
        .statuses;
    };
    expect(await use(first)).toEqual([101]);
    gateway.revoke(({ name }) => name === 'gateway');
    expect(await use(second)).toEqual([401]);
  });
});

test('a token may be a function, which is asked for each client', async () => {
  const { source } = await ofManager();
  let current = token;
  const { gateway } = await serve(source, { token: () => current });
  expect(gateway.token).toBe('');
  const status = async () => (await fetch(`${gateway.url}/api/health`, { headers: bearer })).status;
  expect(await status()).toBe(200);
  current = 'another';
  expect(await status()).toBe(401);
});
