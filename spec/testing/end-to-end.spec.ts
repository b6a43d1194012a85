import { afterEach, describe, expect, test } from '@jest/globals';
import {
  approvals,
  connectManager,
  ofAppServer,
  toolResult,
  type ManagerOptions,
  type ServerRequest,
  type Settlement,
} from 'codex-rx';
import { connectAppServer, type AppServerOptions } from 'codex-rx/node';
import {
  startFakeAppServer,
  startFakeManager,
  type FakeAppServerOptions,
  type FakeManager,
  type FakeManagerOptions,
  type FakeTurn,
} from 'codex-rx/testing';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import { until } from '../support/until.js';
import { accept, answers, cancel } from '../support/answers.js';

const closings: (() => PromiseLike<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const next = <T>(source: Observable<T>, test: (value: T) => boolean = () => true) =>
  firstValueFrom(source.pipe(filter(test)));

const short = ({ request, outcome, cause }: Settlement) =>
  `${request.kind} ${request.requestId}: ${outcome}, ${cause}`;

/** What the model does in the turns of these specs: it asks for everything, and tells the answers. */
async function asks(turn: FakeTurn): Promise<void> {
  turn.say('Let me see.');
  const command = { itemId: 'item-1', command: 'ls', startedAtMs: 0 };
  const tool = { callId: 'item-2', namespace: null, tool: 'weather', arguments: { city: 'Rome' } };
  const question = { id: 'q', header: 'Color', question: 'Which?', isOther: true, isSecret: false };
  const told = [
    await turn.request('item/commandExecution/requestApproval', command),
    await turn.request('item/tool/call', tool),
    await turn.request('item/tool/requestUserInput', {
      itemId: 'item-3',
      isBlocking: true,
      questions: [{ ...question, options: null }],
    }),
  ];
  turn.say(JSON.stringify(told.map((answer) => ('result' in answer ? answer.result : answer))));
}

const isAnswered = [
  { decision: 'accept' },
  { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true },
  { answers: { q: { answers: ['Blue'] } } },
];

/** Answers whatever is asked. */
function serve({ requests }: Pick<ReturnType<typeof connectManager>, 'requests'>): string[] {
  const settled: string[] = [];
  requests.settled$.subscribe((settlement) => settled.push(short(settlement)));
  requests.serve(approvals, () => accept());
  requests.serve('item/tool/call', () => toolResult('sunny'));
  requests.serve('item/tool/requestUserInput', () => answers({ q: 'Blue' }));
  return settled;
}

describe('connectManager, with a fake manager', () => {
  async function manage(
    given: FakeManagerOptions = {},
    options: Partial<ManagerOptions> = {},
  ): Promise<[FakeManager, ReturnType<typeof connectManager>]> {
    const server = await startFakeManager(given);
    const reconnect = { base: 1, cap: 5 };
    const stream = connectManager({ url: server.url, reconnect, random: () => 0, ...options });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    return [server, stream];
  }

  /** Connects and lets a session wait for something: for what, and what becomes of the answer. */
  async function pending(
    server: FakeManager,
    stream: ReturnType<typeof connectManager>,
    method: string,
    params: object,
  ): Promise<[ServerRequest, string]> {
    const opened = next(stream.requests.opened$);
    await stream.connect();
    const threadId = server.session();
    server.startTurn(threadId);
    void server.request(threadId, method, params);
    return [await opened, threadId];
  }

  const command = [
    'item/commandExecution/requestApproval',
    { itemId: 'i', command: 'ls' },
  ] as const;
  const call = ['item/tool/call', { callId: 'c', tool: 'x', arguments: {} }] as const;

  test('a turn is played, and its requests are answered', async () => {
    const [server, stream] = await manage({ turn: asks });
    const settled = serve(stream);
    const texts: string[] = [];
    stream.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
      texts.push(payload.params.delta);
    });
    const completed = next(stream.events$.pipe(ofAppServer('turn/completed')));
    await stream.connect();
    const threadId = server.session();
    await fetch(`${server.url}/api/sessions/${threadId}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text":"Go"}',
    });
    expect((await completed).payload.params.turn.status).toBe('completed');
    expect(texts.join('')).toBe(`Let me see.${JSON.stringify(isAnswered)}`);
    await until(() => settled.length === 3);
    expect(settled).toEqual([
      'commandExecution 0: answered, accepted',
      'dynamicToolCall 1: answered, accepted',
      'userInput 2: answered, accepted',
    ]);
  });

  test('an answer that is too large leaves the call open for a shorter one', async () => {
    const [server, stream] = await manage();
    const [request, threadId] = await pending(server, stream, ...call);
    const answer = (text: string) => stream.requests.answer(request as never, toolResult(text));
    await expect(answer('x'.repeat(2 ** 20))).rejects.toMatchObject({ kind: 'too-large' });
    const large = await fetch(`${server.url}/api/tool-calls/0/response`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'x'.repeat(2 ** 20) }),
    });
    expect(large.status).toBe(413);
    const list = await fetch(`${server.url}/api/sessions/${threadId}/tool-calls`);
    expect(await list.json()).toMatchObject({ data: [{ requestId: '0' }] });
    expect(short(await answer('shorter'))).toBe('dynamicToolCall 0: answered, accepted');
  });

  test('an answer that the server does not take at first is sent again', async () => {
    const [server, stream] = await manage();
    const [request] = await pending(server, stream, ...call);
    server.refuseAnswer(500);
    server.refuseAnswer(409);
    const settlement = await stream.requests.answer(request as never, toolResult('x'));
    expect(short(settlement)).toBe('dynamicToolCall 0: answered, accepted');
    const posts = server.calls.filter(({ method }) => method === 'POST');
    expect(posts.map(({ status }) => status)).toEqual([500, 409, 200]);
  });

  test('a turn that is interrupted lets its requests expire', async () => {
    const [server, stream] = await manage();
    const [, threadId] = await pending(server, stream, ...command);
    const settled = next(stream.requests.settled$);
    await fetch(`${server.url}/api/sessions/${threadId}/interrupt`, { method: 'POST' });
    expect(short(await settled)).toMatch(/^commandExecution 0: expired, /);
  });

  test('to cancel an approval interrupts the turn', async () => {
    const [server, stream] = await manage();
    const completed = next(stream.events$.pipe(ofAppServer('turn/completed')));
    const [request] = await pending(server, stream, ...command);
    await stream.requests.answer(request as never, cancel());
    expect((await completed).payload.params.turn.status).toBe('interrupted');
  });

  test('a lost connection brings back what is pending, and a restart does not', async () => {
    const [server, stream] = await manage();
    const [request] = await pending(server, stream, ...command);
    const { recovery$ } = await (server.sockets[0]!.terminate(), next(stream.gaps$));
    expect(await next(recovery$)).toMatchObject({ complete: true, recovered: [{}] });
    expect(stream.requests.get(request.key)).toBe(request);
    const settled = next(stream.requests.settled$);
    server.restart();
    expect(short(await settled)).toMatch(/^commandExecution 0: lost, /);
    const opened = next(stream.requests.opened$);
    void server.request('thread-1', ...command);
    // It has the same number, and is another.
    expect((await opened).requestId).toBe(0);
    const answer = stream.requests.answer((await opened) as never, accept());
    expect(short(await answer)).toBe('commandExecution 0: answered, accepted');
    const late = stream.requests.answer(request as never, accept());
    await expect(late).rejects.toMatchObject({ kind: 'settled' });
  });

  test('a Codex that dies is seen, and what it asked expires', async () => {
    const [server, stream] = await manage({}, { health: { interval: 10 } });
    await pending(server, stream, ...command);
    const settled = next(stream.requests.settled$);
    const isDown = next(
      stream.status$,
      (status) => status.state === 'open' && status.upstream === 'down',
    );
    server.killCodex();
    expect(short(await settled)).toMatch(/^commandExecution 0: expired, /);
    await isDown;
  });
});

describe('connectAppServer, with a fake app-server', () => {
  async function serveCodex(given: FakeAppServerOptions = {}, options: AppServerOptions = {}) {
    const server = await startFakeAppServer(given);
    const reconnect = { base: 1, cap: 5 };
    const stream = connectAppServer({ url: server.url, reconnect, random: () => 0, ...options });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    return [server, stream] as const;
  }

  const say = (threadId: string) => ({ threadId, input: [{ type: 'text' as const, text: 'Go' }] });

  test('a turn is played, and its requests are answered', async () => {
    const [, stream] = await serveCodex({ turn: asks });
    const settled = serve(stream);
    const texts: string[] = [];
    stream.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
      texts.push(payload.params.delta);
    });
    const completed = next(stream.events$.pipe(ofAppServer('turn/completed')));
    const { thread } = await stream.call('thread/start', {});
    const { turn } = await stream.call('turn/start', say(thread.id));
    expect((await completed).payload.params.turn).toMatchObject({
      id: turn.id,
      status: 'completed',
    });
    expect(texts.join('')).toBe(`Let me see.${JSON.stringify(isAnswered)}`);
    await until(() => settled.length === 3);
    expect(settled.map((text) => text.split(',')[0]).sort()).toEqual([
      'commandExecution 0: answered',
      'dynamicToolCall 1: answered',
      'userInput 2: answered',
    ]);
    expect(stream.drift().summary).toBe('');
  });

  test('a turn that is interrupted lets its requests expire', async () => {
    const [server, stream] = await serveCodex();
    const { thread } = await stream.call('thread/start', {});
    const opened = next(stream.requests.opened$);
    const started = server.turnStarted();
    const { turn } = await stream.call('turn/start', say(thread.id));
    void (await started).request('item/fileChange/requestApproval', { itemId: 'i' });
    await opened;
    const settled = next(stream.requests.settled$);
    await stream.call('turn/interrupt', { threadId: thread.id, turnId: turn.id });
    expect(short(await settled)).toMatch(/^fileChange 0: expired, /);
  });

  test('a lost connection brings back what is pending, and a restart does not', async () => {
    const [server, stream] = await serveCodex();
    const { thread } = await stream.call('thread/start', {});
    const started = server.turnStarted();
    const opened = next(stream.requests.opened$);
    await stream.call('turn/start', say(thread.id));
    void (await started).request('item/fileChange/requestApproval', { itemId: 'i' });
    const request = await opened;
    server.terminate();
    await next((await next(stream.gaps$)).recovery$);
    expect(stream.requests.get(request.key)).toBe(request);
    const settled = next(stream.requests.settled$);
    server.restart();
    expect(short(await settled)).toMatch(/^fileChange 0: (lost|expired), /);
  });

  test('a server that has too much to do is asked again', async () => {
    const [server, stream] = await serveCodex();
    await stream.connect();
    server.overload(2);
    expect(await stream.call('thread/loaded/list', {})).toMatchObject({ data: [] });
    expect(server.received.filter((text) => text.includes('loaded/list'))).toHaveLength(3);
  });

  test('tools are brought with the thread, and called', async () => {
    const [server, stream] = await serveCodex({}, { experimental: true });
    stream.requests.serve('item/tool/call', ({ params }) => toolResult(params.tool));
    const tool = { type: 'function', name: 'weather', description: '', inputSchema: {} };
    const start = stream.call as (method: string, params: object) => Promise<unknown>;
    const { thread } = (await start('thread/start', { dynamicTools: [tool] })) as {
      thread: { id: string };
    };
    expect(server.tools(thread.id)).toEqual([tool]);
    const turn = server.startTurn(thread.id);
    const called = { callId: 'c', namespace: null, tool: 'weather', arguments: {} };
    expect(await turn.request('item/tool/call', called)).toEqual({
      result: { contentItems: [{ type: 'inputText', text: 'weather' }], success: true },
    });
  });
});
