import { describe, expect, jest, test } from '@jest/globals';
import { AnswerError, toolResult, connectManager, type Settlement } from 'codex-rx';
import { fakeTransport } from 'codex-rx/testing';
import { Subject } from 'rxjs';
import { connect, next, notify, pendingIs, short, startManager } from './stage-manager.js';
import { accept, answers, cancel, decline } from '../support/answers.js';

const command = 'item/commandExecution/requestApproval';
const call = 'item/tool/call';

const kindOf = (promise: Promise<Settlement>) =>
  promise.then(short, (error: unknown) => (error as AnswerError).kind);

describe('requests of a codex-manager', () => {
  test('are one each, in whatever shapes they come', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const opened: unknown[] = [];
    stream.requests.opened$.subscribe(({ requestId, kind }) => opened.push([requestId, kind]));
    server.ask(command, 0);
    server.ask(call, 1);
    server.ask('item/tool/requestUserInput', 2, { questions: [] });
    await pendingIs(stream, 0, 1, 2);
    await stream.requests.refresh('t');
    expect(opened).toEqual([
      [0, 'commandExecution'],
      [1, 'dynamicToolCall'],
      [2, 'userInput'],
    ]);
  });

  test('are read from codex-manager’s own shape alone, and from a list of it', async () => {
    const server = await startManager();
    const stream = await connect(server, { ignore: ['app_server.request.*'] });
    server.ask(call, 1);
    const [request] = await pendingIs(stream, 1);
    expect(request).toMatchObject({
      method: call,
      itemId: 'call 1',
      params: { callId: 'call 1', tool: 'x' },
      event: { type: 'app_server.request.item.tool.call', requestId: 1 },
    });
    const other = await connect(server, { threadId: 't' });
    const [same] = await pendingIs(other, 1);
    expect(same!.key).toBe(request!.key);
  });

  test('are answered, each by its own route', async () => {
    const bodies: unknown[] = [];
    const server = await startManager();
    const stream = await connect(server, {
      fetch: async (url, request) => {
        if (request.body !== undefined)
          bodies.push([new URL(url).pathname, JSON.parse(request.body)]);
        return fetch(url, request);
      },
    });
    const given = [
      [command, accept()],
      [command, accept('session')],
      ['item/fileChange/requestApproval', decline()],
      [command, cancel()],
      [call, toolResult('x')],
      ['item/tool/requestUserInput', answers({ q: 'x' })],
    ] as const;
    for (const [id, [method, answer]] of given.entries()) {
      server.ask(method, id);
      const [request] = await next(stream.requests.pending$, (all) => all[0]?.requestId === id);
      expect(short(await stream.requests.answer(request as never, answer))).toBe(
        `${id} answered accepted`,
      );
    }
    expect(bodies).toEqual([
      ['/api/approvals/0/decision', { decision: 'accept' }],
      ['/api/approvals/1/decision', { decision: 'accept', scope: 'session' }],
      ['/api/approvals/2/decision', { decision: 'decline' }],
      ['/api/approvals/3/decision', { decision: 'cancel' }],
      ['/api/tool-calls/4/response', toolResult('x')],
      ['/api/tool-input/5/decision', { decision: 'accept', answers: { q: { answers: ['x'] } } }],
    ]);
  });

  test('that codex-manager has refused itself cannot be answered, and have failed', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const opened = next(stream.requests.opened$);
    const settled = next(stream.requests.settled$);
    server.ask('item/permissions/requestApproval', 0);
    expect((await opened).answerable).toBe(false);
    expect(short(await settled)).toBe('0 failed refused');
  });

  test('fail alone, and not with another of before that had the same id', async () => {
    const server = await startManager();
    const stream = await connect(server);
    server.ask(command, 0);
    const settled = next(stream.requests.settled$);
    server.ask('item/permissions/requestApproval', 0, { turnId: 'new' });
    expect((await settled).request.turnId).toBe('new');
    await pendingIs(stream, 0);
  });

  test('cannot be answered without a REST API', async () => {
    const socket = fakeTransport();
    const stream = connectManager({ url: 'ws://fake', transport: socket.open });
    const opened = next(stream.requests.opened$);
    void stream.connect();
    socket.last.accept();
    socket.last.send({ type: 'ready', threadId: 't' });
    const payload = { signalType: 'request', method: call, params: {}, requestId: 0 };
    socket.last.send({ type: 'app_server.request.item.tool.call', threadId: 't', payload });
    const request = await opened;
    expect(request.answerable).toBe(false);
    expect(await kindOf(stream.requests.answer(request as never, {} as never))).toBe(
      'unanswerable',
    );
    expect(await stream.requests.refresh('t')).toBe(false);
    const settled = next(stream.requests.settled$);
    void stream.close();
    expect(short(await settled)).toBe('0 lost closed');
  });

  test.each<[string, object, string]>([
    [
      command,
      { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: [] } } },
      'unfit',
    ],
    [call, toolResult([{ type: 'inputAudio', audioUrl: 'data:' }]), 'unfit'],
    [call, toolResult('x'.repeat(2 ** 20)), 'too-large'],
    [call, toolResult('ä'.repeat(2 ** 19)), 'too-large'],
  ])(
    '%s: an answer that codex-manager cannot take is not sent (%#)',
    async (method, answer, kind) => {
      const server = await startManager();
      const stream = await connect(server);
      server.ask(method, 0);
      const [request] = await pendingIs(stream, 0);
      expect(await kindOf(stream.requests.answer(request as never, answer as never))).toBe(kind);
      expect(server.posts).toEqual([]);
      await pendingIs(stream, 0);
    },
  );
});

describe('a status of codex-manager', () => {
  test.each<[number, string, number]>([
    [200, '0 answered accepted', 1],
    [404, '0 lost gone', 1],
    [410, '0 lost gone', 1],
    [409, '0 answered-elsewhere conflict', 1],
    [400, 'refused', 1],
    [403, 'refused', 1],
    [413, 'too-large', 1],
    [500, 'unreachable', 6],
    [503, 'unreachable', 6],
    [408, 'unreachable', 6],
    [429, 'unreachable', 6],
  ])('%i means: %s, after %i attempts', async (status, end, attempts) => {
    const server = await startManager(() => status);
    const stream = await connect(server);
    server.ask(call, 0);
    const [request] = await pendingIs(stream, 0);
    expect(await kindOf(stream.requests.answer(request as never, toolResult('x')))).toBe(end);
    expect(server.posts).toHaveLength(attempts);
    const isOpen = stream.requests.get(request!.key) !== undefined;
    expect(isOpen).toBe(!end.startsWith('0'));
  });

  test('tells an error with its status', async () => {
    const server = await startManager(() => 403);
    const stream = await connect(server);
    server.ask(call, 0);
    const [request] = await pendingIs(stream, 0);
    await expect(stream.requests.answer(request as never, toolResult('x'))).rejects.toMatchObject({
      kind: 'refused',
      status: 403,
    });
  });

  test('5xx is tried again, and the handler is not run again', async () => {
    const server = await startManager((_, attempt) => (attempt < 4 ? 500 : null));
    const stream = await connect(server);
    const handler = jest.fn(() => toolResult('x'));
    stream.requests.serve(call, handler);
    const settled = next(stream.requests.settled$);
    server.ask(call, 0);
    expect(short(await settled)).toBe('0 answered accepted');
    expect(server.posts).toHaveLength(4);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test('a call in flight is asked about again, until it is known who has answered', async () => {
    let attempts = 0;
    const server = await startManager();
    const stream = await connect(server, {
      fetch: async (url, request) => {
        if (request.method === 'POST' && attempts++ < 2) {
          return { status: 409, json: async () => ({ status: 'conflict', code: 'in_flight' }) };
        }
        return fetch(url, request);
      },
    });
    server.ask(call, 0);
    const [request] = await pendingIs(stream, 0);
    expect(await kindOf(stream.requests.answer(request as never, toolResult('x')))).toBe(
      '0 answered accepted',
    );
  });

  test.each([404, 409])(
    '%i after a reply that never came does not say whose answer counted',
    async (status) => {
      let attempts = 0;
      const server = await startManager(() => status);
      const stream = await connect(server, {
        fetch: async (url, request) => {
          if (request.method === 'POST' && attempts++ === 0) throw new Error('cut');
          return fetch(url, request);
        },
      });
      server.ask(call, 0);
      const [request] = await pendingIs(stream, 0);
      expect(await kindOf(stream.requests.answer(request as never, toolResult('x')))).toBe(
        '0 lost gone',
      );
    },
  );

  test('an event says whose answer counted, where the reply did not', async () => {
    const server = await startManager();
    const stream = await connect(server, {
      fetch: async (url, request) => {
        if (request.method === 'POST') throw new Error('cut');
        return fetch(url, request);
      },
    });
    const ends: string[] = [];
    stream.requests.settled$.subscribe((settlement) => ends.push(short(settlement)));
    for (const [id, said] of [
      { decision: 'accept', scope: 'turn' },
      { decision: 'accept', scope: 'session' },
      { decision: 'decline' },
    ].entries()) {
      server.ask(command, id);
      const [request] = await pendingIs(stream, id);
      expect(await kindOf(stream.requests.answer(request as never, accept()))).toBe('unreachable');
      server.settle(id, 'resolved', said);
      await pendingIs(stream);
    }
    server.ask('item/tool/requestUserInput', 3);
    const [question] = await pendingIs(stream, 3);
    await kindOf(stream.requests.answer(question as never, answers({})));
    server.settle(3);
    await pendingIs(stream);
    expect(ends).toEqual([
      '0 answered resolved',
      '1 answered-elsewhere resolved',
      '2 answered-elsewhere resolved',
      '3 answered resolved',
    ]);
  });
});

describe('what is pending is right', () => {
  test('after an interrupt, whose turn/completed comes first', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const settled = next(stream.requests.settled$);
    server.ask(command, 0);
    await pendingIs(stream, 0);
    notify(server, 'turn/completed', { threadId: 't', turn: { id: 'u', status: 'interrupted' } });
    server.settle(0, 'expired');
    expect(short(await settled)).toBe('0 expired turn-ended');
  });

  test('after codex has died, and after a session was deleted', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const ends: string[] = [];
    stream.requests.settled$.subscribe((settlement) => ends.push(short(settlement)));
    server.ask(command, 0);
    server.ask(call, 1, { threadId: 't2' });
    await pendingIs(stream, 0, 1);
    server.settle(0, 'expired');
    server.send({ type: 'session_deleted', threadId: 't2', payload: {} } as never);
    await pendingIs(stream);
    expect(ends).toEqual(['0 expired expired', '1 expired thread-ended']);
  });

  test('for what was opened while nobody was connected', async () => {
    const server = await startManager();
    server.ask(command, 0);
    server.ask(call, 1, { threadId: 't2' });
    const filtered = await connect(server, { threadId: 't' });
    await pendingIs(filtered, 0);
    const all = await connect(server);
    expect(await all.requests.refresh('t', 't2')).toBe(true);
    await pendingIs(all, 0, 1);
  });

  test('after a reconnection: what is new, what is the same, and what has gone', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const opened: unknown[] = [];
    const ends: string[] = [];
    stream.requests.opened$.subscribe(({ requestId }) => opened.push(requestId));
    stream.requests.settled$.subscribe((settlement) => ends.push(short(settlement)));
    server.ask(command, 0);
    server.ask(call, 1);
    const before = await pendingIs(stream, 0, 1);
    for (const socket of server.sockets) socket.terminate();
    server.pending.delete('0');
    server.ask(command, 2);
    const after = await pendingIs(stream, 1, 2);
    expect(after[0]!.key).toBe(before[1]!.key);
    expect(opened).toEqual([0, 1, 2]);
    expect(ends).toEqual(['0 lost missed']);
  });

  test('in a thread that was silent for long', async () => {
    const server = await startManager();
    const stream = await connect(server);
    server.ask(command, 0, { threadId: 'quiet' });
    for (let i = 0; i < 100; i++) {
      server.send({ type: 'transcript_updated', threadId: `t${i}`, payload: {} } as never);
    }
    const last = next(stream.events$, ({ threadId }) => threadId === 't99');
    await pendingIs(stream, 0);
    await last;
    for (const socket of server.sockets) socket.terminate();
    server.pending.clear();
    await pendingIs(stream);
  });

  test('after a restart, when the same ids mean others', async () => {
    const server = await startManager();
    const stream = await connect(server);
    server.ask(command, 0);
    const [before] = await pendingIs(stream, 0);
    for (const socket of server.sockets) socket.terminate();
    server.pending.clear();
    server.ask(command, 0, { turnId: 'new' });
    const [after] = await next(
      stream.requests.pending$,
      (all) => all[0]?.turnId === 'new' && all.length === 1,
    );
    expect(after!.key).not.toBe(before!.key);
  });

  test('and no answer of an old one is for a new one: not when it is sent again', async () => {
    const server = await startManager(() => {
      if (server.posts.length > 1) return null;
      server.pending.clear();
      server.ask(command, 0, { turnId: 'new' });
      return 503;
    });
    const stream = await connect(server);
    server.ask(command, 0);
    const [request] = await pendingIs(stream, 0);
    const answered = stream.requests.answer(request as never, accept());
    expect(short(await answered)).toBe('0 lost missed');
    expect(server.posts).toHaveLength(1);
    expect(server.pending.size).toBe(1);
    await next(stream.requests.pending$, (all) => all.length === 1 && all[0]!.turnId === 'new');
  });

  test('and no answer of an old one is for a new one: not when nobody is connected', async () => {
    const server = await startManager();
    const stream = await connect(server, { reconnect: { base: 1_000 }, random: () => 0.1 });
    server.ask(command, 0);
    const [request] = await pendingIs(stream, 0);
    for (const socket of server.sockets) socket.terminate();
    await next(stream.status$, ({ state }) => state === 'waiting');
    server.pending.clear();
    server.ask(command, 0, { turnId: 'new' });
    expect(await kindOf(stream.requests.answer(request as never, accept()))).toBe('0 lost missed');
    expect(server.posts).toEqual([]);
  });

  test('and a list of before is not believed, but asked for again', async () => {
    const server = await startManager();
    const reconnected = new Subject<void>();
    const old = { approvalId: '0', method: command, threadId: 't', turnId: 'u', itemId: 'i' };
    let lists = 0;
    const stream = await connect(server, {
      fetch: async (url, request) => {
        if (!url.endsWith('/approvals') || lists++ > 0) return fetch(url, request);
        await next(reconnected);
        return { status: 200, json: async () => ({ data: [old] }) };
      },
    });
    const opened = jest.fn();
    stream.requests.opened$.subscribe(opened);
    const recovered = stream.requests.refresh('t');
    const gap = next(stream.gaps$);
    for (const socket of server.sockets) socket.terminate();
    await gap;
    reconnected.next();
    expect(await recovered).toBe(true);
    expect(lists).toBe(2);
    expect(opened).not.toHaveBeenCalled();
  });

  test('and an answer waits for a server that does not say what is pending', async () => {
    const server = await startManager();
    let asked = 0;
    const stream = await connect(server, {
      reconnect: { base: 1_000 },
      random: () => 0.1,
      fetch: async (url, request) => {
        if (request.method !== 'POST' && asked++ < 3) throw new Error('cut');
        return fetch(url, request);
      },
    });
    server.ask(command, 0);
    const [request] = await pendingIs(stream, 0);
    for (const socket of server.sockets) socket.terminate();
    await next(stream.status$, ({ state }) => state === 'waiting');
    expect(await kindOf(stream.requests.answer(request as never, accept()))).toBe(
      '0 answered accepted',
    );
    expect(asked).toBeGreaterThan(3);
  });

  test('and is asked for no more when the stream is closed', async () => {
    const server = await startManager();
    const signals: AbortSignal[] = [];
    const stream = await connect(server, {
      fetch: (_url, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    const recovered = stream.requests.refresh('t');
    await stream.close();
    expect(await recovered).toBe(false);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  test('as far as a resync of your own says', async () => {
    const server = await startManager();
    const payload = { requestId: '7', method: call, callId: 'c', turnId: 'u', tool: 'x' };
    const recovered = [
      { type: 'tool_call_requested', threadId: 't', turnId: 'u', requestId: '7', payload },
      { type: 'approval', threadId: 't', turnId: 'u', requestId: null, payload: {} },
      { type: 'transcript_updated', threadId: 't', turnId: 'u', requestId: null, payload: {} },
    ];
    const stream = await connect(server, {
      resync: () => ({ recovered, complete: true, error: null, restarted: true }),
    });
    server.ask(command, 0);
    await pendingIs(stream, 0);
    for (const socket of server.sockets) socket.terminate();
    await pendingIs(stream, 7);
  });
});
