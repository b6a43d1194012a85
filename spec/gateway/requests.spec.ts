import { describe, expect, test } from '@jest/globals';
import {
  accept,
  connectManager,
  decline,
  grantPermissions,
  toolResult,
  type CodexStream,
  isRequest,
  type ServerRequest,
  type ServerRequestParams,
} from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import {
  startFakeAppServer,
  startFakeManager,
  type FakeAppServer,
  type FakeManager,
} from 'codex-rx/testing';
import { filter, firstValueFrom, ReplaySubject } from 'rxjs';
import { bearer, clientOf, closeLater, plain, serve, type Stage } from './stage.js';

interface Both extends Stage {
  readonly threadId: string;
  /** Codex asks; resolves with the answer that it gets. */
  readonly ask: (method: string, params: object) => Promise<unknown>;
  readonly restart: () => void;
  readonly drop: () => void;
}

const reconnect = { base: 1, cap: 5 };

async function behindManager(): Promise<Both> {
  const server: FakeManager = await startFakeManager();
  closeLater(() => server.close());
  const threadId = server.session();
  const source = connectManager({ url: server.url, reconnect, random: () => 0 });
  return {
    ...(await serve(source)),
    threadId,
    ask: (method, params) => server.request(threadId, method, params),
    restart: server.restart,
    drop() {
      for (const socket of server.sockets) socket.terminate();
    },
  };
}

async function behindAppServer(): Promise<Both> {
  const server: FakeAppServer = await startFakeAppServer();
  closeLater(() => server.close());
  const source = connectAppServer({ url: server.url, reconnect, random: () => 0 });
  const stage = await serve(source);
  const { thread } = await source.call('thread/start', {});
  return {
    ...stage,
    threadId: thread.id,
    ask: (method, params) => server.request(thread.id, method, params),
    restart: server.restart,
    drop: server.terminate,
  };
}

/** The requests of a stream as they open, those from before included. */
function openedBy(stream: CodexStream) {
  const opened = new ReplaySubject<ServerRequest>(Infinity);
  stream.requests.opened$.subscribe(opened);
  return <Method extends keyof ServerRequestParams>(method: Method) =>
    firstValueFrom(opened.pipe(filter((one) => isRequest(one, method))));
}

const command = 'item/commandExecution/requestApproval';

const post = (url: string, body: object) =>
  fetch(url, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const get = async (url: string) => (await fetch(url, { headers: bearer })).json() as never;

describe.each([
  ['codex-manager', behindManager],
  ['codex app-server', behindAppServer],
])('requests through a gateway in front of %s', (_, start) => {
  test.each([
    ['a client with numbers', {}],
    ['a client without', plain],
  ])('are answered once by %s, under an id of the gateway', async (_, options) => {
    const stage = await start();
    const client = clientOf(stage.gateway, options);
    const opened = openedBy(client);
    await client.connect();
    const answer = stage.ask(command, { itemId: 'i', command: 'ls' });
    const request = await opened(command);
    expect(request.requestId).toBeGreaterThan(2 ** 20);
    expect(request.params).toMatchObject({ itemId: 'i', command: 'ls', threadId: stage.threadId });
    const { outcome } = await client.requests.answer(request, accept(request));
    expect([outcome, await answer]).toEqual(['answered', { result: { decision: 'accept' } }]);
  });

  test.each([
    ['a client with numbers', {}],
    ['a client without', plain],
  ])('that were open before are known to %s', async (_, options) => {
    const stage = await start();
    const answer = stage.ask('item/tool/call', { callId: 'c', tool: 'x', arguments: {} });
    await firstValueFrom(stage.source.requests.pending$.pipe(filter(({ length }) => length === 1)));
    const client = clientOf(stage.gateway, { ...options, threadId: stage.threadId });
    client.requests.serve('item/tool/call', () => toolResult('done'));
    await client.connect();
    expect(await answer).toMatchObject({ result: { success: true } });
  });

  test('have one key, by the event and by the list, and details as they were sent', async () => {
    const stage = await start();
    const early = clientOf(stage.gateway);
    const opened = openedBy(early);
    await early.connect();
    void stage.ask(command, { itemId: 'i', command: 'ls' });
    const { key, params } = await opened(command);
    expect(key).toMatch(/^[\w-]{22}$/);
    const late = clientOf(stage.gateway);
    const lateOpened = openedBy(late);
    await late.connect();
    const again = await lateOpened(command);
    expect([again.key, again.params]).toEqual([key, params]);
    const { data } = (await get(`${stage.gateway.url}/api/requests`)) as {
      data: { key: string; answerable: boolean }[];
    };
    expect(data).toMatchObject([{ key, answerable: true, method: command, state: 'open' }]);
    const lists = `${stage.gateway.url}/api/sessions/${stage.threadId}`;
    const listed = (await get(`${lists}/approvals`)) as { data: { details: unknown }[] };
    expect(listed.data.map(({ details }) => details)).toEqual([params]);
  });

  test('are answered by one of four who answer at once', async () => {
    const stage = await start();
    const opened = openedBy(stage.source);
    const answer = stage.ask(command, { itemId: 'i', command: 'ls' });
    await opened(command);
    const { data } = (await get(`${stage.gateway.url}/api/requests`)) as {
      data: { key: string }[];
    };
    const url = `${stage.gateway.url}/api/requests/${data[0]!.key}/answer`;
    const body = { answer: { decision: 'decline' } };
    const replies = await Promise.all([1, 2, 3, 4].map(() => post(url, body)));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.every((status) => [200, 404, 409].includes(status))).toBe(true);
    expect(await answer).toEqual({ result: { decision: 'decline' } });
  });

  test('of a server that began anew are not reached by an old id, nor by an old key', async () => {
    const stage = await start();
    const client = clientOf(stage.gateway);
    const opened = openedBy(client);
    await client.connect();
    void stage.ask(command, { itemId: 'i', turnId: 'u1', command: 'ls' });
    const old = await opened(command);
    const back = firstValueFrom(stage.source.gaps$);
    const isOver = firstValueFrom(client.requests.settled$);
    stage.restart();
    await (await back).recovery$.forEach(() => undefined);
    await isOver;
    let isExecuted = false;
    const again = openedBy(client);
    void stage
      .ask(command, { itemId: 'j', turnId: 'u2', command: 'rm -rf /' })
      .then(() => (isExecuted = true));
    const now = await again(command);
    expect(now.key).not.toBe(old.key);
    const { url } = stage.gateway;
    const attempts = await Promise.all([
      post(`${url}/api/approvals/${old.requestId}/decision`, { decision: 'accept' }),
      post(`${url}/api/approvals/0/decision`, { decision: 'accept' }),
      post(`${url}/api/approvals/${now.event.payload.requestId}0/decision`, { decision: 'accept' }),
      post(`${url}/api/requests/${old.key}/answer`, { answer: { decision: 'accept' } }),
    ]);
    expect(attempts.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(isExecuted).toBe(false);
    await client.requests.answer(now, decline(now));
    await new Promise((resolve) => setTimeout(resolve));
    expect(isExecuted).toBe(true);
  });

  test('answered by one client settle at the other', async () => {
    const stage = await start();
    const [one, other] = [clientOf(stage.gateway), clientOf(stage.gateway)];
    const [opened, known] = [openedBy(one), openedBy(other)];
    await Promise.all([one.connect(), other.connect()]);
    void stage.ask(command, { itemId: 'i', command: 'ls' });
    const request = await opened(command);
    await known(command);
    const settled = firstValueFrom(other.requests.settled$);
    await one.requests.answer(request, decline(request));
    expect((await settled).outcome).toBe('answered-elsewhere');
  });

  test('are not answered while the source is away, and then once', async () => {
    const stage = await start();
    const client = clientOf(stage.gateway);
    const opened = openedBy(client);
    await client.connect();
    const answer = stage.ask(command, { itemId: 'i', command: 'ls' });
    const request = await opened(command);
    stage.drop();
    const { outcome } = await client.requests.answer(request, accept(request));
    expect(await answer).toEqual({ result: { decision: 'accept' } });
    expect(outcome).toBe('answered');
  });
});

describe('requests that only an app-server can answer', () => {
  test('are answered by a client with numbers', async () => {
    const stage = await behindAppServer();
    const client = clientOf(stage.gateway);
    const opened = openedBy(client);
    await client.connect();
    const asked = { itemId: 'i', permissions: { network: { enabled: true } }, reason: null };
    const answer = stage.ask('item/permissions/requestApproval', asked);
    const request = await opened('item/permissions/requestApproval');
    expect(request.answerable).toBe(true);
    const permissions = { network: { enabled: true } };
    await client.requests.answer(request, grantPermissions(request, permissions));
    expect(await answer).toMatchObject({ result: { permissions } });
  });

  test('say which member of an answer does not fit', async () => {
    const stage = await behindAppServer();
    const opened = openedBy(stage.source);
    void stage.ask(command, { itemId: 'i', command: 'ls' });
    await opened(command);
    const { data } = (await get(`${stage.gateway.url}/api/requests`)) as {
      data: { key: string }[];
    };
    const url = `${stage.gateway.url}/api/requests/${data[0]!.key}/answer`;
    const reply = await post(url, { answer: { decision: 'perhaps' } });
    expect([reply.status, await reply.json()]).toMatchObject([400, { code: 'unfit' }]);
  });
});
