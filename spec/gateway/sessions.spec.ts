import { describe, expect, test } from '@jest/globals';
import { connectManager, type CodexStream } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, startFakeManager, startStreamServer } from 'codex-rx/testing';
import { until } from '../support/until.js';
import { bearer, closeLater, serve, type Stage } from './stage.js';

interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks a gateway. */
async function ask(
  { gateway }: Pick<Stage, 'gateway'>,
  method: string,
  path: string,
  body?: object,
): Promise<Reply> {
  const reply = await fetch(gateway.url + path, {
    method,
    headers: { ...bearer, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Reply['body'] };
}

/** Asks again until it is so. */
async function untilAsked(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function behindAppServer() {
  const server = await startFakeAppServer();
  closeLater(() => server.close());
  const source = connectAppServer({
    url: server.url,
    reconnect: { base: 1, cap: 5 },
    random: () => 0,
    callTimeout: 5_000,
  });
  return { ...(await serve(source)), server, source };
}

async function behindManager() {
  const server = await startFakeManager();
  closeLater(() => server.close());
  const source = connectManager({ url: server.url, health: false });
  return { ...(await serve(source)), server };
}

describe('sessions of codex app-server', () => {
  test('are created, listed, read, renamed and deleted by its methods', async () => {
    const stage = await behindAppServer();
    const asked: [string, unknown][] = [];
    for (const method of ['thread/name/set', 'thread/delete']) {
      stage.server.handle(method, (params) => {
        asked.push([method, params]);
        return { result: {} };
      });
    }
    stage.server.handle('thread/list', (params) => {
      asked.push(['thread/list', params]);
      return { result: { data: [{ id: 'x', preview: 'said', cwd: '/w' }], nextCursor: 'more' } };
    });
    const created = await ask(stage, 'POST', '/api/sessions', {
      cwd: '/w',
      filesystemSandbox: 'read-only',
    });
    const { sessionId: id } = created.body['session'] as { sessionId: string };
    const path = `/api/sessions/${id}`;
    const started = stage.server.received.map((text) => JSON.parse(text) as object);
    expect(started).toContainEqual(
      expect.objectContaining({
        method: 'thread/start',
        params: expect.objectContaining({ cwd: '/w', sandbox: 'read-only' }),
      }),
    );
    const listed = await ask(stage, 'GET', '/api/sessions?cursor=from&limit=5');
    expect(listed.body).toMatchObject({
      data: [{ sessionId: 'x', title: 'said', cwd: '/w', projectId: null }],
      nextCursor: 'more',
    });
    const read = await ask(stage, 'GET', path);
    expect(read.body).toMatchObject({
      session: { sessionId: id },
      transcript: [],
      gateway: { epoch: stage.feed.log.epoch },
    });
    expect(await ask(stage, 'POST', `${path}/rename`, { title: 'new' })).toEqual({
      status: 200,
      body: { status: 'ok', session: { sessionId: id, title: 'new' } },
    });
    expect((await ask(stage, 'DELETE', path)).status).toBe(200);
    expect(asked).toEqual([
      ['thread/list', { cursor: 'from', limit: 5, sortKey: 'updated_at' }],
      ['thread/name/set', { threadId: id, name: 'new' }],
      ['thread/delete', { threadId: id }],
    ]);
  });

  test('take messages, are steered and interrupted, and say what there is not', async () => {
    const stage = await behindAppServer();
    const { thread } = await stage.source.call('thread/start', {});
    const path = `/api/sessions/${thread.id}`;
    expect((await ask(stage, 'POST', `${path}/interrupt`, {})).status).toBe(409);
    const sent = await ask(stage, 'POST', `${path}/messages`, { text: 'go' });
    expect(sent).toMatchObject({ status: 202, body: { sessionId: thread.id } });
    const turnId = String(sent.body['turnId']);
    await untilAsked(async () => {
      const { body } = await ask(stage, 'GET', path);
      const { seq, turnSeq } = body['gateway'] as { seq: number; turnSeq: number };
      return turnSeq < seq;
    });
    const steer = `${path}/turns/${turnId}/steer`;
    expect(await ask(stage, 'POST', steer, { input: 'and this' })).toMatchObject({ status: 200 });
    const read = await ask(stage, 'GET', path);
    expect(read.body['transcript']).toMatchObject([
      { role: 'user', type: 'userMessage', turnId, content: 'go' },
      { role: 'user', type: 'userMessage', turnId, content: 'and this' },
    ]);
    expect(await ask(stage, 'POST', `${path}/interrupt`, {})).toMatchObject({
      status: 200,
      body: { turnId },
    });
    await untilAsked(
      async () => (await ask(stage, 'POST', `${path}/interrupt`, {})).status === 409,
    );
    expect(await ask(stage, 'POST', steer, { input: 'late' })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  test('of a thread that is stored are loaded by a message', async () => {
    const stage = await behindAppServer();
    const { thread } = await stage.source.call('thread/start', {});
    let isLoaded = false;
    stage.server.handle('turn/start', () =>
      isLoaded
        ? { result: { turn: { id: 'u' } } }
        : { error: { code: -32600, message: `thread not found: ${thread.id}` } },
    );
    stage.server.handle('thread/resume', () => {
      isLoaded = true;
      return { result: { thread: { id: thread.id } } };
    });
    expect(
      await ask(stage, 'POST', `/api/sessions/${thread.id}/messages`, { text: 'go' }),
    ).toMatchObject({ status: 202, body: { turnId: 'u' } });
  });

  test.each<[string, string, string, object | undefined, number]>([
    ['a message without a text', 'POST', '/messages', { text: '' }, 400],
    ['a title that is none', 'POST', '/rename', { title: 1 }, 400],
    ['a word to a turn that is none', 'POST', '/turns/u/steer', {}, 400],
    ['a read of what there is not', 'GET', '', undefined, 404],
    ['a route that there is not', 'PATCH', '', undefined, 405],
    ['an id that is not decoded', 'GET', '%ff', undefined, 404],
  ])('refuse %s', async (_, method, path, body, status) => {
    const stage = await behindAppServer();
    expect((await ask(stage, method, `/api/sessions/none${path}`, body)).status).toBe(status);
  });

  test('say what Codex says, and 503 while it is away', async () => {
    const stage = await behindAppServer();
    const fail = (code: number) => {
      stage.server.handle('thread/list', () => ({ error: { code, message: 'no' } }));
    };
    fail(-32602);
    expect((await ask(stage, 'GET', '/api/sessions')).status).toBe(400);
    fail(-32603);
    expect((await ask(stage, 'GET', '/api/sessions')).status).toBe(500);
    await stage.server.close();
    await untilAsked(async () => {
      const { body } = await ask(stage, 'GET', '/api/health');
      return !(body['codex'] as { running: boolean }).running;
    });
    expect((await ask(stage, 'GET', '/api/sessions')).status).toBe(503);
  });
});

describe('sessions of codex-manager', () => {
  test('are passed on, and what it refuses too', async () => {
    const stage = await behindManager();
    const id = stage.server.session();
    const path = `/api/sessions/${id}`;
    expect((await ask(stage, 'POST', '/api/sessions', {})).status).toBe(200);
    expect((await ask(stage, 'POST', `${path}/rename`, { title: 'new' })).status).toBe(200);
    expect((await ask(stage, 'GET', '/api/sessions?limit=1')).body).toMatchObject({
      data: [expect.anything()],
    });
    expect((await ask(stage, 'POST', `${path}/interrupt`, {})).status).toBe(409);
    expect((await ask(stage, 'POST', `${path}/turns/u/steer`, { input: 'x' })).status).toBe(409);
    expect((await ask(stage, 'DELETE', path)).status).toBe(200);
    expect((await ask(stage, 'GET', path)).status).toBeGreaterThanOrEqual(400);
  });

  test('are 502 if it does not answer as it should', async () => {
    const server = await startStreamServer({ rest: () => ({ status: 200, body: 'no JSON' }) });
    closeLater(() => server.close());
    const stage = await serve(connectManager({ url: server.url, health: false, log: false }));
    await server.close();
    expect(await ask(stage, 'GET', '/api/sessions/a')).toMatchObject({
      status: 502,
      body: { code: 'upstream_failed' },
    });
  });
});

test('a source that knows no sessions says so', async () => {
  const stage = await behindManager();
  // As a stream of NATS, or of a recording, has none of them.
  const source: object = { ...stage.source, rest: undefined };
  Reflect.deleteProperty(source, 'rest');
  const other = await serve(source as CodexStream);
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/a'],
    ['POST', ''],
  ] as const) {
    const reply = await ask(
      other,
      method,
      `/api/sessions${path}`,
      method === 'POST' ? {} : undefined,
    );
    expect(reply).toMatchObject({ status: 501, body: { code: 'unsupported' } });
  }
});

describe('the logged events of a thread', () => {
  const events = async (stage: Stage, id: string, after: string) =>
    ask(stage, 'GET', `/api/sessions/${id}/events?after=${after}`);

  test('come after a position, in pages, without those of others', async () => {
    const stage = await behindAppServer();
    const [one, other] = [
      (await stage.source.call('thread/start', {})).thread,
      (await stage.source.call('thread/start', {})).thread,
    ];
    const { log } = stage.feed;
    const said: number[] = [];
    stage.source.events$.subscribe(({ type }) => {
      if (type === 'app_server.item.agent_message.delta') said.push(log.last);
    });
    const text = 'x'.repeat(2 ** 20);
    for (const { id } of [one, other, one, one, one, one, one]) {
      stage.server.notify(id, 'item/agentMessage/delta', { itemId: 'i', turnId: 'u', delta: text });
    }
    await until(() => said.length === 7);
    const start = said[0]! - 1;
    const numbers = ({ body }: Reply) => (body['data'] as { seq: number }[]).map(({ seq }) => seq);
    const first = await events(stage, one.id, `${log.epoch}:${start}`);
    expect(first.body).toMatchObject({ epoch: log.epoch, seq: log.last, complete: true });
    const { next } = first.body;
    expect(numbers(first)).toEqual([1, 3, 4, 5].map((n) => start + n));
    expect(next).toBe(start + 5);
    const second = await events(stage, one.id, `${log.epoch}:${String(next)}`);
    expect(numbers(second)).toEqual([6, 7].map((n) => start + n));
    expect(second.body['next']).toBeNull();
  });

  test('are not those of another log, or of a position that is none', async () => {
    const stage = await behindAppServer();
    expect((await events(stage, 'a', 'nonsense')).status).toBe(400);
    expect((await events(stage, 'a', 'other:0')).body).toMatchObject({ complete: false, data: [] });
    const { epoch } = stage.feed.log;
    expect((await events(stage, 'a', `${epoch}:99`)).body).toMatchObject({ complete: false });
  });
});
