import { afterEach, describe, expect, test } from '@jest/globals';
import {
  ofAppServer,
  ofAppServerRequest,
  type ConnectionStatus,
  type Envelope,
  type MalformedFrame,
} from 'codex-rx';
import { CallError, connectAppServer, type AppServerOptions } from 'codex-rx/node';
import {
  startFakeAppServer,
  type FakeAppServer,
  type FakeAppServerOptions,
} from 'codex-rx/testing';
import { inspect } from 'node:util';
import { filter, firstValueFrom } from 'rxjs';
import { until } from '../support/until.js';
import { answerRequest, refuseRequest, unanswered } from '../support/open-requests.js';

const closings: (() => PromiseLike<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function serve(options?: FakeAppServerOptions): Promise<FakeAppServer> {
  const server = await startFakeAppServer(options);
  closings.push(() => server.close());
  return server;
}

/** A stream whose calls take any method. */
function connect(options: AppServerOptions) {
  const stream = connectAppServer({ reconnect: { base: 1, cap: 5 }, ...options });
  closings.push(() => stream.close());
  const call = stream.call as (...args: unknown[]) => Promise<unknown>;
  return { ...stream, call, typed: stream };
}

const failed = async (stream: { status$: ReturnType<typeof connect>['status$'] }) => {
  const status = await firstValueFrom(
    stream.status$.pipe(filter(({ state }) => state === 'closed')),
  );
  return (status as ConnectionStatus & { state: 'closed' }).error!;
};

const methodsOf = ({ received }: Pick<FakeAppServer, 'received'>) =>
  received.map((text) => {
    const { method, id } = JSON.parse(text) as { method?: string; id?: unknown };
    return method ?? `answer ${JSON.stringify(id)}`;
  });

describe('connectAppServer, over a real websocket', () => {
  test('connects, calls, hears and answers', async () => {
    const server = await serve();
    const stream = connect({ url: server.url, client: { name: 'spec' } });
    const deltas: string[] = [];
    stream.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
      deltas.push(payload.params.delta);
    });
    stream.on(ofAppServerRequest('item/tool/call'), (event) => {
      answerRequest(stream, event, { contentItems: [], success: true });
    });
    await stream.connect();
    const { thread } = await stream.typed.call('thread/start', {});
    const params = { threadId: thread.id, turnId: 'u', itemId: 'i', delta: 'Hello' };
    server.notify(thread.id, 'item/agentMessage/delta', params);
    expect(await server.request(thread.id, 'item/tool/call', { threadId: thread.id })).toEqual({
      result: { contentItems: [], success: true },
    });
    expect(deltas).toEqual(['Hello']);
    expect(stream.typed.server).toMatchObject({ platformOs: 'linux' });
    expect(methodsOf(server)).toEqual(['initialize', 'initialized', 'thread/start', 'answer 0']);
  });

  test('sends the token and the headers, which may come later', async () => {
    const server = await serve({ token: 'secret' });
    for (const options of [
      { url: server.url, token: 'secret', headers: { 'x-key': 'k' } },
      { url: new URL(server.url), token: () => 'secret', headers: () => ({ 'x-key': 'k' }) },
      {
        url: async () => server.url.replace('ws', 'http'),
        token: async () => 'secret',
        headers: async () => ({ 'x-key': 'k', authorization: 'Bearer other' }),
      },
    ]) {
      const stream = connect(options);
      await stream.connect();
      expect(server.sockets[0]!.headers).toMatchObject({
        'x-key': 'k',
        authorization: 'Bearer secret',
      });
      await stream.close();
    }
  });

  test('asks functions anew for each attempt', async () => {
    const server = await serve({ token: 'b' });
    const tokens = ['a', 'b'];
    const stream = connect({
      url: server.url,
      token: () => tokens.shift()!,
      reconnect: { base: 1, shouldRetry: () => true },
    });
    await stream.connect();
    expect(tokens).toEqual([]);
  });

  test.each<[string, AppServerOptions]>([
    ['an Origin', { headers: () => ({ OriGin: 'http://localhost' }) }],
    ['headers that are none', { headers: () => null as never }],
    ['a token that is none', { token: () => '' }],
    ['a url that is none', { url: () => 'nowhere' }],
  ])('%s that comes later is a failure to connect', async (_, options) => {
    const server = await serve();
    const stream = connect({ url: server.url, reconnect: false, ...options });
    await expect(stream.connect()).rejects.toMatchObject({
      kind: 'options',
      message: expect.stringMatching(/"(headers|token|url)" must be/),
    });
  });

  test('a token that is refused ends the stream, and no error tells it', async () => {
    const server = await serve({ token: 'right' });
    const secret = 'hunter2-hunter2';
    const stream = connect({
      url: `${server.url}/?key=${secret}`,
      token: secret,
      headers: { 'x-key': secret },
    });
    await expect(stream.connect()).rejects.toMatchObject({ kind: 'refused', code: 401 });
    expect(inspect(await failed(stream), { depth: 9, showHidden: true })).not.toContain(secret);
    const call = stream.call('thread/list', {});
    await expect(call).rejects.toMatchObject({ kind: 'closed' });
    const error: unknown = await call.catch((error: unknown) => error);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
  });
});

describe('an option that is wrong is a TypeError that names it', () => {
  const url = 'ws://127.0.0.1:1';
  const secret = 'hunter2';

  test.each<[string, unknown]>([
    ['url', { url: 'nowhere' }],
    ['url', { url: '' }],
    ['url', { url: null }],
    ['url', { url: `ftp://${secret}@host` }],
    ['url', { url: 'unix:relative.sock' }],
    ['url', { token: secret }],
    ['url', { headers: { authorization: secret } }],
    ['token', { url, token: '' }],
    ['token', { url, token: 5 }],
    ['token', { url, token: null }],
    ['headers', { url, headers: null }],
    ['headers', { url, headers: [secret] }],
    ['headers.x-key', { url, headers: { 'x-key': [secret] } }],
    ['headers', { url, headers: { origin: `http://${secret}` } }],
    ['headers', { url, headers: { ORIGIN: secret } }],
    ['headers.Sec-WebSocket-Protocol', { url, headers: { 'Sec-WebSocket-Protocol': secret } }],
    ['url', { protocols: [secret] }],
    ['protocols', { url, protocols: secret }],
    ['protocols', { url, protocols: [`${secret}, other`] }],
    ['process', { url, process: {} }],
    ['command', { process: { command: '' } }],
    ['args', { process: { args: 'app-server' } }],
    ['client.name', { url, client: { name: 'ä' } }],
    ['experimental', { url, experimental: 'yes' }],
    ['optOut', { url, optOut: {} }],
    ['callTimeout', { url, callTimeout: -1 }],
    ['overdueAfter', { url, overdueAfter: '5' }],
    ['unhandledRequests', { url, unhandledRequests: 'drop' }],
    ['resync', { url, resync: {} }],
    ['router', { url, router: {} }],
    ['signal', { url, signal: {} }],
    ['connectTimeout', { url, connectTimeout: NaN }],
    ['linger', { url, linger: -1 }],
    ['maxFrameBytes', { url, maxFrameBytes: 'big' }],
    ['heartbeat', { url, heartbeat: true }],
    ['reconnect', { url, reconnect: 3 }],
    ['random', { url, random: 0 }],
    ['transport', { url, transport: {} }],
  ])('%s: %j', (name, options) => {
    const attempt = () => connectAppServer(options as AppServerOptions);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(`"${name}" must be`);
    expect(attempt).not.toThrow(secret);
  });
});

describe('a response', () => {
  test('settles before the next frame is dispatched, several awaits deep', async () => {
    const server = await serve();
    const stream = connect({ url: server.url });
    const log: string[] = [];
    // The server greets with the status of its remote control.
    const isAsked = filter(({ type }: Envelope) => !type.includes('remote_control'));
    stream.events$.pipe(isAsked).subscribe(({ type }) => log.push(type));
    await stream.connect();
    const inner = () => stream.call('x', {});
    const middle = async () => inner();
    const outer = async (name: string) => {
      const result = await middle();
      log.push(`${name}: ${String(result)}`);
    };
    const ids = () => server.received.map((text) => (JSON.parse(text) as { id: number }).id);
    server.handle('x', () => null);
    const calls = [outer('first'), outer('second')];
    await until(() => server.received.length === 4);
    // Sent in one go: they come in one chunk.
    const [first, second] = ids().slice(2);
    server.sendRaw(`{"id":${first},"result":1}`);
    server.sendRaw('{"method":"a"}');
    server.sendRaw(`{"id":${second},"result":2}`);
    for (const method of ['b', 'c']) server.sendRaw(`{"method":"${method}"}`);
    await Promise.all(calls);
    await until(() => log.length === 5);
    expect(log).toEqual(['first: 1', 'app_server.a', 'second: 2', 'app_server.b', 'app_server.c']);
  });

  test('of a server that is too busy is not the last word', async () => {
    const server = await serve();
    let refusals = 2;
    server.handle('x', () =>
      refusals-- > 0 ? { error: { code: -32001, message: 'Later.' } } : { result: 'done' },
    );
    const stream = connect({ url: server.url, random: () => 0 });
    expect(await stream.call('x', {})).toBe('done');
    expect(methodsOf(server).slice(2)).toEqual(['x', 'x', 'x']);
  });

  test('that never comes is given up in time, or when it is aborted, and other calls go on', async () => {
    const server = await serve();
    server.handle('never', () => null);
    const stream = connect({ url: server.url });
    await stream.connect();
    const abort = new AbortController();
    const aborted = stream.call('never', {}, { signal: abort.signal });
    const late = stream.call('never', {}, { timeout: 20 });
    await expect(late).rejects.toMatchObject({ kind: 'timeout', outcomeUnknown: true });
    abort.abort();
    await expect(aborted).rejects.toBeInstanceOf(CallError);
    await expect(aborted).rejects.toMatchObject({ kind: 'aborted', outcomeUnknown: true });
    expect(await stream.call('thread/loaded/list', {})).toMatchObject({ data: [] });
  });
});

describe('a connection that is lost', () => {
  test('takes the calls in flight with it; later ones wait, and the threads come back first', async () => {
    const server = await serve();
    server.handle('never', () => null);
    server.handle('x', () => ({ result: 5 }));
    const stream = connect({ url: server.url });
    await stream.connect();
    const { thread } = await stream.typed.call('thread/start', {});
    const lost = stream.call('never', {});
    await until(() => server.received.length === 4);
    const gap = firstValueFrom(stream.gaps$);
    server.terminate();
    await expect(lost).rejects.toMatchObject({ kind: 'lost', outcomeUnknown: true });
    expect(await stream.call('x', {})).toBe(5);
    const { recovery$ } = await gap;
    expect(await firstValueFrom(recovery$)).toMatchObject({ complete: true, restarted: false });
    expect(methodsOf(server).slice(4)).toEqual([
      'initialize',
      'initialized',
      'thread/loaded/list',
      'thread/resume',
      'x',
    ]);
    const heard = firstValueFrom(stream.events$.pipe(ofAppServer('turn/started')));
    server.notify(thread.id, 'turn/started', { threadId: thread.id });
    await heard;
  });

  test('a request that it interrupts is handed out once, and answered once', async () => {
    const server = await serve();
    const stream = connect({ url: server.url });
    const handed: unknown[] = [];
    stream.on(ofAppServerRequest('item/fileChange/requestApproval'), (event) => {
      handed.push(event.requestId);
    });
    await stream.connect();
    const { thread } = await stream.typed.call('thread/start', {});
    const method = 'item/fileChange/requestApproval';
    const answer = server.request(thread.id, method, { threadId: thread.id });
    await until(() => handed.length === 1);
    const gap = firstValueFrom(stream.gaps$);
    server.terminate();
    await firstValueFrom((await gap).recovery$);
    const [open] = unanswered(stream);
    expect(answerRequest(stream, open!.request as never, { decision: 'accept' })).toBe(true);
    expect(await answer).toEqual({ result: { decision: 'accept' } });
    expect(handed).toEqual([0]);
  });

  test('a restart is told apart: its requests are others, though they have the same ids', async () => {
    const server = await serve();
    const stream = connect({ url: server.url });
    const handed: unknown[] = [];
    const method = 'item/fileChange/requestApproval';
    stream.on(ofAppServerRequest(method), ({ requestId, turnId }) => {
      handed.push([requestId, turnId]);
    });
    await stream.connect();
    const { thread } = await stream.typed.call('thread/start', {});
    const ask = (turnId: string) =>
      server.request(thread.id, method, { threadId: thread.id, turnId });
    void ask('before');
    await until(() => handed.length === 1);
    const gap = firstValueFrom(stream.gaps$);
    server.restart();
    const recovery = await firstValueFrom((await gap).recovery$);
    expect(recovery).toMatchObject({ complete: true, restarted: true });
    expect(unanswered(stream)).toEqual([]);
    const answer = ask('after');
    await until(() => handed.length === 2);
    expect(handed).toEqual([
      [0, 'before'],
      [0, 'after'],
    ]);
    refuseRequest(stream, unanswered(stream)[0]!.request, 'no');
    expect(await answer).toMatchObject({ error: { message: 'no' } });
  });

  test('a request that another client answers settles', async () => {
    const server = await serve();
    const [one, two] = [connect({ url: server.url }), connect({ url: server.url })];
    const { thread } = await one.typed.call('thread/start', {});
    await two.typed.call('thread/resume', { threadId: thread.id });
    await Promise.all([one.connect(), two.connect()]);
    const method = 'item/fileChange/requestApproval';
    const answer = server.request(thread.id, method, { threadId: thread.id });
    await until(() => unanswered(one).length + unanswered(two).length === 2);
    const { request } = unanswered(one)[0]!;
    answerRequest(two, unanswered(two)[0]!.request, { decision: 'decline' });
    expect(await answer).toEqual({ result: { decision: 'decline' } });
    await until(() => unanswered(one).length === 0);
    expect(answerRequest(one, request as never, { decision: 'accept' })).toBe(false);
  });
});

/** What is reported while something is done, until the stream has proved that it goes on. */
async function malformedBy(
  options: Partial<AppServerOptions>,
  harm: (server: FakeAppServer) => void,
): Promise<MalformedFrame[]> {
  const server = await serve();
  const stream = connect({ url: server.url, ...options });
  const malformed: MalformedFrame[] = [];
  stream.malformed$.subscribe((frame) => malformed.push(frame));
  await stream.connect();
  server.handle('x', () => ({ result: 5 }));
  server.handle('never', () => null);
  const other = stream.call('never', {}, { timeout: 30_000 });
  await until(() => server.received.length === 3);
  harm(server);
  const heard = firstValueFrom(stream.events$.pipe(ofAppServer('turn/started')));
  server.notify(null, 'turn/started', {});
  await heard;
  expect(await stream.call('x', {})).toBe(5);
  server.sendRaw('{"id":2,"result":"late"}');
  expect(await other).toBe('late');
  expect(server.sockets).toHaveLength(1);
  return malformed;
}

describe('a server that is broken harms neither the other calls nor the events', () => {
  test.each([
    ['garbage', 'not-json'],
    ['', 'empty'],
    ['{"id":1,"resu', 'not-json'],
    ['{}', 'no-type'],
    ['[1]', 'not-an-object'],
    ['{"id":99,"result":{}}', 'unknown-id'],
    ['{"id":1,"result":{}}', 'unknown-id'],
    ['{"id":"2","result":{}}', 'unknown-id'],
    ['{"id":1.5,"result":{}}', 'bad-request-id'],
    ['{"id":2,"error":"no"}', 'no-type'],
  ])('with %s: %s', async (text, reason) => {
    const malformed = await malformedBy({}, (server) => server.sendRaw(text));
    expect(malformed).toMatchObject([{ reason, excerpt: text, connection: 1 }]);
  });

  test('with bytes', async () => {
    const malformed = await malformedBy({}, (server) => server.sendRaw(Buffer.from('{"id":2}')));
    expect(malformed).toMatchObject([{ reason: 'binary' }]);
  });

  test('with a frame of 20 MB, which passes', async () => {
    const text = 'x'.repeat(20_000_000);
    const server = await serve();
    server.handle('x', () => ({ result: text }));
    const stream = connect({ url: server.url });
    const event = firstValueFrom(stream.events$.pipe(ofAppServer('made/up' as 'turn/started')));
    expect(await stream.call('x', {})).toHaveLength(20_000_000);
    server.notify(null, 'made/up', { text });
    expect(((await event).payload.params as unknown as { text: string }).text).toHaveLength(
      20_000_000,
    );
  });

  test('with a frame beyond `maxFrameBytes`', async () => {
    const text = `{"method":"made/up","params":"${'x'.repeat(20_000_000)}"}`;
    const malformed = await malformedBy({ maxFrameBytes: 1_000_000 }, (server) =>
      server.sendRaw(text),
    );
    expect(malformed).toMatchObject([{ reason: 'too-large', bytes: text.length }]);
  });
});

/** A codex over stdio, as a script of Node that answers `initialize`, and then goes on. */
const script = (rest: string) => ({
  command: process.execPath,
  args: [
    '-e',
    `const say = (text) => process.stdout.write(text);
     let count = 0;
     require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
       const { id, method } = JSON.parse(line);
       if (method === 'initialize') say(JSON.stringify({ id, result: {} }) + '\\n');
       else if (id !== undefined) { count++; ${rest} }
     });`,
  ],
});

describe('connectAppServer, over a child process', () => {
  test('starts one of its own, and lines come in any pieces', async () => {
    const stream = connect({
      process: script(
        `const text = JSON.stringify({ id, result: 'ä' + count }) + '\\n';
         say(text.slice(0, 9)); setTimeout(() => say(text.slice(9)), 20);`,
      ),
    });
    expect(await stream.call('x', {})).toBe('ä1');
    expect(await stream.call('x', {})).toBe('ä2');
  });

  test('half a line, and then nothing, is a call without a result: others go on', async () => {
    const stream = connect({
      process: script(
        `if (method === 'half') say(JSON.stringify({ id, result: 1 }).slice(0, -3));
         else say('\\n' + JSON.stringify({ id, result: 2 }) + '\\n');`,
      ),
    });
    const malformed: unknown[] = [];
    stream.malformed$.subscribe(({ reason }) => malformed.push(reason));
    await expect(stream.call('half', {}, { timeout: 2_000 })).rejects.toMatchObject({
      kind: 'timeout',
      outcomeUnknown: true,
    });
    expect(malformed).toEqual([]);
    expect(await stream.call('x', {})).toBe(2);
    expect(malformed).toEqual(['not-json']);
  });

  test('half a line, and then its end, is reported, and it is started again', async () => {
    const stream = connect({
      process: script(
        `if (method === 'half') { say('{"id":' + id); setTimeout(() => process.exit(3), 20); }
         else say('garbage\\n' + JSON.stringify({ id, result: 2 }) + '\\n');`,
      ),
    });
    const malformed: unknown[] = [];
    stream.malformed$.subscribe(({ reason, excerpt }) => malformed.push([reason, excerpt]));
    const waiting = firstValueFrom(stream.status$.pipe(filter(({ state }) => state === 'waiting')));
    await expect(stream.call('half', {})).rejects.toMatchObject({
      kind: 'lost',
      outcomeUnknown: true,
    });
    expect(await waiting).toMatchObject({ error: { kind: 'lost', code: 3 } });
    expect(await stream.call('x', {})).toBe(2);
    expect(malformed).toEqual([
      ['not-json', expect.stringMatching(/^\{"id":\d+$/)],
      ['not-json', 'garbage'],
    ]);
  });
});
