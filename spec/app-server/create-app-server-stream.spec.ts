import { describe, expect, test } from '@jest/globals';
import {
  ofAppServerRequest,
  type AnswerError,
  type ConnectionStatus,
  type Recovery,
} from 'codex-rx';
import { connectAppServer, type AppServerOptions, type AppServerStream } from 'codex-rx/node';
import { fakeTransport, marbles, type FakeTransport } from 'codex-rx/testing';
import { asyncScheduler, distinctUntilChanged, map, timer } from 'rxjs';
import { answerRequest, refuseRequest, unanswered } from '../support/open-requests.js';
import { until } from '../support/until.js';

interface Sent {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { code: number; message: string };
}

interface Stage {
  readonly stream: AppServerStream;
  readonly socket: FakeTransport;
  readonly log: (entry: string) => void;
  readonly at: (time: number, task: () => void) => void;
  /** What the client has sent on the last connection. */
  readonly sent: () => Sent[];
  /** The same in short: methods, or `answer <id>`. */
  readonly said: () => string[];
  /** Answers the call of this method that was sent last. */
  readonly answer: (method: string, answer: object, params?: object) => void;
  /** Lets the server accept and greet. */
  readonly greet: () => void;
  /** Sends a server request of the thread `t`. */
  readonly ask: (id: number | string, params?: object) => void;
  /** Lets a call follow a thread. */
  readonly follow: (...threadIds: string[]) => void;
  /** Makes a call, whose end does not matter. */
  readonly call: (method: string, params?: object) => void;
}

/**
 * Plays a script in virtual time: what was logged, with its time. Events and gaps are logged. The
 * stream is closed after 100 s.
 */
function play(options: Partial<AppServerOptions>, script: (stage: Stage) => void): string[] {
  const entries: string[] = [];
  marbles(() => {
    const socket = fakeTransport();
    const log = (entry: string) => entries.push(`${asyncScheduler.now()} ${entry}`);
    const stream = connectAppServer({
      url: 'ws://fake',
      transport: socket.open,
      random: () => 1,
      heartbeat: false,
      reconnect: { base: 10 },
      ...options,
    });
    const sent = () => socket.last.sent.map((text) => JSON.parse(text) as Sent);
    const call: Stage['call'] = (method, params = {}) => {
      (stream.call as (...args: unknown[]) => Promise<unknown>)(method, params).catch(
        () => undefined,
      );
    };
    const answer: Stage['answer'] = (method, answered, params = {}) => {
      const isMeant = (frame: Sent) =>
        frame.method === method &&
        Object.entries(params).every(([name, value]) => frame.params?.[name] === value);
      const { id } = sent().reverse().find(isMeant)!;
      socket.last.send({ id, ...answered });
    };
    stream.events$.subscribe({
      next: ({ type, requestId }) =>
        log(requestId === null ? type : `${type} ${JSON.stringify(requestId)}`),
      complete: () => log('complete'),
    });
    stream.gaps$.subscribe(({ recovery$ }) => {
      log('gap');
      recovery$.subscribe(({ complete, restarted, error }: Recovery) =>
        log(`recovery: complete ${complete}, restarted ${restarted}, ${error?.message}`),
      );
    });
    stream.malformed$.subscribe(({ reason, excerpt }) => log(`malformed: ${reason} ${excerpt}`));
    script({
      stream,
      socket,
      log,
      at: (time, task) => {
        timer(time).subscribe(task);
      },
      sent,
      said: () => sent().map(({ method, id }) => method ?? `answer ${id}`),
      answer,
      greet() {
        socket.last.accept();
        answer('initialize', { result: { userAgent: `greeted ${socket.connections.length}` } });
      },
      ask(id, params = {}) {
        socket.last.send({
          method: 'item/fileChange/requestApproval',
          id,
          params: { threadId: 't', turnId: 'u', itemId: 'i', ...params },
        });
      },
      follow(...threadIds) {
        for (const id of threadIds) {
          call('thread/start', { name: id });
          answer('thread/start', { result: { thread: { id } } }, { name: id });
        }
      },
      call,
    });
    timer(100_000).subscribe(() => void stream.close());
  });
  return entries;
}

const states = ({ stream, log }: Stage) =>
  stream.status$
    .pipe(
      map((status) => (status.state === 'open' ? status.phase : status.state)),
      distinctUntilChanged(),
    )
    .subscribe(log);

const list = 'thread/loaded/list';
const asked = 'app_server.request.item.file_change.request_approval';
const accept = { decision: 'accept' } as const;

describe('the handshake', () => {
  test('is initialize, then initialized, and then all that waited', () => {
    const info = {
      userAgent: 'me/0.169.0',
      codexHome: '/',
      platformFamily: 'unix',
      platformOs: 'x',
    };
    play({ client: { name: 'me' }, optOut: ['error'] }, (stage) => {
      const { stream, socket, at, call, said, sent, answer } = stage;
      call('thread/list');
      at(1, () => {
        socket.last.accept();
        call('model/list');
        expect(sent()).toEqual([
          {
            method: 'initialize',
            id: 2,
            params: {
              clientInfo: { name: 'me', title: 'me', version: '0.0.0' },
              capabilities: { experimentalApi: false, optOutNotificationMethods: ['error'] },
            },
          },
        ]);
        expect(stream.server).toBeNull();
      });
      at(2, () => {
        answer('initialize', { result: info });
        expect(said()).toEqual(['initialize', 'initialized', 'thread/list', 'model/list']);
        expect(sent()[1]).toEqual({ method: 'initialized' });
        expect(stream.server).toEqual({
          ...{ name: 'codex', version: '0.169.0', support: 'tested' },
          ...info,
        });
      });
    });
  });

  test('passes on what comes before its end', () => {
    const log = play({}, (stage) => {
      states(stage);
      stage.at(1, () => {
        stage.socket.last.accept();
        stage.socket.last.send({ method: 'configWarning', params: {} });
      });
      stage.at(2, () => stage.answer('initialize', { result: {} }));
    });
    expect(log.slice(1, 4)).toEqual(['1 opened', '1 app_server.config_warning', '2 ready']);
  });

  test('a server that is too busy for it is asked again later', () => {
    const statuses: ConnectionStatus[] = [];
    const log = play({}, (stage) => {
      const { stream, socket, at, answer, greet } = stage;
      states(stage);
      stream.status$.subscribe((status) => statuses.push(status));
      at(1, () => {
        socket.last.accept();
        answer('initialize', { error: { code: -32001, message: 'Server overloaded' } });
      });
      at(20, greet);
    });
    expect(log.slice(1, 6)).toEqual([
      '1 opened',
      '1 waiting',
      '11 connecting',
      '20 opened',
      '20 ready',
    ]);
    expect(statuses.find(({ state }) => state === 'waiting')).toMatchObject({
      error: {
        name: 'ConnectionError',
        kind: 'refused',
        permanent: false,
        code: -32001,
        message: expect.stringContaining('Server overloaded'),
      },
    });
  });

  test('a server that refuses it is not asked again, and the stream says why', () => {
    const statuses: ConnectionStatus[] = [];
    play({}, ({ stream, socket, at, answer }) => {
      stream.status$.subscribe((status) => statuses.push(status));
      at(1, () => {
        socket.last.accept();
        answer('initialize', { error: { code: -32600, message: 'Invalid client name' } });
      });
      at(99, () => expect(socket.connections).toHaveLength(1));
    });
    expect(statuses.at(-1)).toMatchObject({
      state: 'closed',
      reason: 'failed',
      error: {
        kind: 'refused',
        permanent: true,
        code: -32600,
        message: 'The server refused the handshake: initialize: Invalid client name (code -32600).',
      },
    });
  });

  test('a server that does not answer it is given up in time', () => {
    const log = play({ connectTimeout: 50 }, (stage) => {
      states(stage);
      stage.at(1, () => stage.socket.last.accept());
      stage.at(70, stage.greet);
    });
    expect(log.slice(2, 6)).toEqual(['50 waiting', '60 connecting', '70 opened', '70 ready']);
  });

  test('what waits for it is not lost with the connection that it fails on', () => {
    play({}, ({ at, socket, call, greet, said }) => {
      call('thread/list');
      at(1, () => {
        socket.last.accept();
        socket.last.end();
      });
      at(12, () => {
        greet();
        expect(said()).toEqual(['initialize', 'initialized', 'thread/list']);
      });
    });
  });
});

describe('coming back', () => {
  /** Follows the threads, is lost at 10 and open again at 30. */
  function comeBack(threads: string[], script: (stage: Stage) => void, before = script): string[] {
    return play({}, (stage) => {
      const { at, greet, follow, socket } = stage;
      at(1, () => {
        greet();
        follow(...threads);
        if (before !== script) before(stage);
      });
      at(10, () => socket.last.end());
      at(30, greet);
      at(31, () => {
        script(stage);
      });
    });
  }

  test('threads are followed again before any other call is sent', () => {
    const log = comeBack(
      ['t'],
      ({ call, said, sent, answer, at }) => {
        call('model/list');
        expect(said()).toEqual(['initialize', 'initialized', list]);
        answer(list, { result: { data: ['t'], nextCursor: null } });
        expect(said().slice(3)).toEqual(['thread/resume']);
        expect(sent().at(-1)!.params).toEqual({ threadId: 't', excludeTurns: true });
        at(5, () => {
          answer('thread/resume', { result: { thread: { id: 't' } } });
          expect(said().slice(4)).toEqual(['model/list']);
        });
      },
      () => undefined,
    );
    expect(log.slice(0, 2)).toEqual([
      '30 gap',
      '36 recovery: complete true, restarted false, undefined',
    ]);
  });

  test('four threads at once, and no more', () => {
    comeBack(['a', 'b', 'c', 'd', 'e'], ({ answer, sent }) => {
      const resumed = () =>
        sent()
          .filter(({ method }) => method === 'thread/resume')
          .map(({ params }) => params!['threadId']);
      answer(list, { result: { data: ['a'] } });
      expect(resumed()).toEqual(['a', 'b', 'c', 'd']);
      answer('thread/resume', { result: {} }, { threadId: 'c' });
      expect(resumed()).toEqual(['a', 'b', 'c', 'd', 'e']);
    });
  });

  test('without a thread there is nothing to ask', () => {
    comeBack([], ({ said }) => {
      expect(said()).toEqual(['initialize', 'initialized']);
    });
  });

  test.each([
    ['thread/closed', { threadId: 't' }],
    ['thread/archived', { threadId: 't' }],
    ['thread/deleted', { threadId: 't' }],
  ])('%s: a thread that has ended is not followed again', (method, params) => {
    comeBack(
      ['t'],
      ({ said }) => {
        expect(said()).toEqual(['initialize', 'initialized']);
      },
      ({ socket }) => socket.last.send({ method, params }),
    );
  });

  test('one that cannot be resumed is told in the recovery', () => {
    const log = comeBack(
      ['t'],
      ({ answer }) => {
        answer(list, { result: { data: ['t'] } });
        answer('thread/resume', { error: { code: -32600, message: 'thread not found' } });
      },
      () => undefined,
    );
    expect(log[1]).toBe(
      '31 recovery: complete false, restarted false, thread/resume: thread not found (code -32600)',
    );
  });

  test('lost again meanwhile, nothing is sent before the next handshake', () => {
    const log = play({}, (stage) => {
      const { at, greet, follow, socket, call, said, answer } = stage;
      at(1, () => {
        greet();
        follow('t');
      });
      at(10, () => socket.last.end());
      at(30, greet);
      at(31, () => {
        call('waiting');
        socket.last.end();
        call('late');
      });
      at(60, () => {
        socket.last.accept();
        call('later');
        expect(said()).toEqual(['initialize']);
      });
      at(61, () => {
        answer('initialize', { result: {} });
        expect(said()).toEqual(['initialize', 'initialized', list]);
        answer(list, { result: { data: ['t'] } });
        answer('thread/resume', { result: {} });
        expect(said().slice(4)).toEqual(['waiting', 'late', 'later']);
      });
    });
    expect(log.filter((entry) => entry.includes('recovery'))).toEqual([
      '31 recovery: complete false, restarted null, thread/resume: There is no connection. It was not sent.',
      '61 recovery: complete true, restarted false, undefined',
    ]);
  });

  test('a request that is sent again is not handed out again, and can be answered', () => {
    const log = comeBack(
      ['t'],
      ({ stream, answer, ask, sent }) => {
        answer(list, { result: { data: ['t'] } });
        answer('thread/resume', { result: {} });
        ask(0);
        const [open] = unanswered(stream);
        expect(answerRequest(stream, open!.request as never, accept)).toBe(true);
        expect(sent().at(-1)).toEqual({ id: 0, result: accept });
      },
      ({ ask }) => ask(0),
    );
    expect(log.filter((entry) => entry.includes(asked))).toEqual([`1 ${asked} 0`]);
  });

  test('a request that was answered while the server was away gets its answer when it is sent again', () => {
    play({}, ({ stream, at, greet, follow, ask, socket, answer, sent }) => {
      at(1, () => {
        greet();
        follow('t');
        ask(0);
      });
      at(10, () => socket.last.end());
      at(15, () => {
        const [open] = unanswered(stream);
        expect(answerRequest(stream, open!.request as never, accept)).toBe(true);
        expect(answerRequest(stream, open!.request as never, accept)).toBe(false);
      });
      at(30, greet);
      at(31, () => {
        answer(list, { result: { data: ['t'] } });
        answer('thread/resume', { result: {} });
        ask(0);
        expect(sent().at(-1)).toEqual({ id: 0, result: accept });
        expect(unanswered(stream)).toEqual([]);
      });
    });
  });

  test('a request that is not sent again was settled meanwhile: known after two seconds', () => {
    comeBack(
      ['t'],
      ({ stream, at, answer, ask }) => {
        const ids = () => unanswered(stream).map(({ request }) => request.requestId);
        answer(list, { result: { data: ['t'] } });
        answer('thread/resume', { result: {} });
        ask(1);
        at(1_998, () => expect(ids()).toEqual([0, 1]));
        at(2_000, () => expect(ids()).toEqual([1]));
      },
      ({ ask }) => {
        ask(0);
        ask(1);
      },
    );
  });

  test('a server that began anew has forgotten its requests, and counts from 0 again', () => {
    const log = comeBack(
      ['t', 't2'],
      ({ stream, answer, ask }) => {
        answer(list, { result: { data: [] } });
        answer('thread/resume', { result: {} }, { threadId: 't' });
        ask(0, { turnId: 'new' });
        answer('thread/resume', { result: {} }, { threadId: 't2' });
        expect(unanswered(stream).map(({ request }) => request.turnId)).toEqual(['new']);
      },
      ({ ask }) => ask(0),
    );
    expect(log.slice(1)).toEqual([
      '30 gap',
      `31 ${asked} 0`,
      '31 recovery: complete true, restarted true, undefined',
      '100000 complete',
    ]);
  });
});

describe('server requests', () => {
  test('have ids of their own: a response with the same one settles a call', () => {
    play({}, ({ stream, at, greet, call, ask, sent, socket, log }) => {
      at(1, () => {
        greet();
        call('model/list');
        const { id } = sent().at(-1)!;
        ask(id!);
        expect(unanswered(stream)).toHaveLength(1);
        socket.last.send({ id, result: {} });
        socket.last.send({ id, result: {} });
      });
      at(2, () => {
        expect(answerRequest(stream, unanswered(stream)[0]!.request as never, accept)).toBe(true);
        log('answered');
      });
    });
  });

  test.each(['9223372036854775807', '0', '"text"'])('are answered with their id: %s', (id) => {
    play({}, ({ stream, at, greet, socket }) => {
      stream.on(ofAppServerRequest('item/fileChange/requestApproval'), (event) => {
        answerRequest(stream, event, accept);
      });
      at(1, () => {
        greet();
        const method = 'item/fileChange/requestApproval';
        socket.last.sendText(`{"method":"${method}","id":${id},"params":{"threadId":"t"}}`);
        expect(socket.last.sent.at(-1)).toBe(`{"id":${id},"result":{"decision":"accept"}}`);
      });
    });
  });

  test('settle when they are answered elsewhere', () => {
    play({}, ({ stream, at, greet, ask, socket, sent }) => {
      at(1, () => {
        greet();
        ask(0);
        const { request } = unanswered(stream)[0]!;
        const params = { threadId: 't', requestId: 0 };
        socket.last.send({ method: 'serverRequest/resolved', params });
        expect(unanswered(stream)).toEqual([]);
        expect(answerRequest(stream, request as never, accept)).toBe(false);
        expect(sent().at(-1)).toEqual({ method: 'initialized' });
      });
    });
  });

  test('can be refused, in one’s own words', () => {
    play({}, ({ stream, at, greet, ask, sent }) => {
      at(1, () => {
        greet();
        ask(0);
        ask(1);
        const [a, b] = unanswered(stream).map(({ request }) => request);
        expect(refuseRequest(stream, a as never, 'not now')).toBe(true);
        expect(refuseRequest(stream, b as never, 'never', 5)).toBe(true);
        expect(refuseRequest(stream, b as never, 'never', 5)).toBe(false);
        expect(sent().slice(-2)).toEqual([
          { id: 0, error: { code: -32601, message: 'not now' } },
          { id: 1, error: { code: 5, message: 'never' } },
        ]);
      });
    });
  });

  test('only events of server requests can be answered', async () => {
    const kinds: unknown[] = [];
    play({}, ({ stream }) => {
      const event = { type: 'x', threadId: null, turnId: null, requestId: 0 };
      for (const payload of [null, 'text', { signalType: 'notification' }]) {
        const answered = stream.requests.answer({ ...event, payload } as never, accept as never);
        kinds.push(answered.catch((error: unknown) => (error as AnswerError).kind));
      }
    });
    expect(await Promise.all(kinds)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('tell of themselves when they wait for long', () => {
    const late: unknown[] = [];
    play({ overdueAfter: 500 }, ({ stream, at, greet, ask }) => {
      stream.requests.overdue$.subscribe({
        next: ({ requestId, openedAt }) =>
          late.push([requestId, openedAt, asyncScheduler.now() - openedAt]),
        complete: () => late.push('complete'),
      });
      at(1, greet);
      at(2, () => ask(0));
      at(3, () => {
        ask(1);
        answerRequest(stream, unanswered(stream)[1]!.request, accept);
      });
      at(100, () => ask(0));
    });
    expect(late).toEqual([[0, 2, 500], 'complete']);
  });

  test('that no route takes are left open, or refused if that is asked for', () => {
    for (const unhandledRequests of ['leave', 'refuse'] as const) {
      play({ unhandledRequests }, ({ stream, at, greet, ask, sent, socket }) => {
        stream.on(ofAppServerRequest('item/tool/call'), () => undefined);
        at(1, () => {
          greet();
          ask(0);
          socket.last.send({ method: 'item/tool/call', id: 1, params: { threadId: 't' } });
          socket.last.send({ method: 'nobody/cares', params: {} });
          const ids = unanswered(stream).map(({ request }) => request.requestId);
          const message = 'Nothing handles item/fileChange/requestApproval.';
          const refusal = { id: 0, error: { code: -32601, message } };
          const isLeft = unhandledRequests === 'leave';
          expect(ids).toEqual(isLeft ? [0, 1] : [1]);
          expect(sent().slice(2)).toEqual(isLeft ? [] : [refusal]);
        });
      });
    }
  });
});

describe('frames', () => {
  test('that are no messages are reported, and the others go on', () => {
    const log = play({}, ({ at, greet, call, answer, socket }) => {
      at(1, () => {
        greet();
        call('model/list');
        for (const text of ['garbage', '{"id":99,"result":{}}', '[]']) socket.last.sendText(text);
        answer('model/list', { result: {} });
        answer('model/list', { result: {} });
        const error = { codexErrorInfo: null };
        socket.last.send({ method: 'error', params: { error } });
      });
    });
    expect(log).toEqual([
      '1 malformed: not-json garbage',
      '1 malformed: unknown-id {"id":99,"result":{}}',
      '1 malformed: not-an-object []',
      '1 malformed: unknown-id {"id":2,"result":{}}',
      '1 app_server.error',
      '100000 complete',
    ]);
  });

  test('that are not known are passed on, and counted', () => {
    const log = play({}, ({ stream, at, greet, socket }) => {
      at(1, () => {
        greet();
        socket.last.send({ method: 'made/up', params: { threadId: 't' } });
        expect(stream.drift()).toMatchObject({ notifications: { 'made/up': 1 } });
      });
    });
    expect(log[0]).toBe('1 app_server.made.up');
  });
});

describe('a server that was not tested', () => {
  test('is logged once, also after it was away', () => {
    const lines: string[] = [];
    const log = { warn: (line: string) => lines.push(line), error: () => undefined };
    play({ log }, ({ stream, at, answer, socket }) => {
      const greetAs = (userAgent: string) => {
        socket.last.accept();
        answer('initialize', { result: { userAgent } });
      };
      at(1, () => {
        greetAs('me/0.300.1 (Linux)');
        expect(stream.server).toMatchObject({ version: '0.300.1', support: 'newer' });
        socket.last.end();
      });
      at(20, () => {
        greetAs('me/0.300.1 (Linux)');
      });
    });
    expect(lines.filter((line) => line.includes('codex 0.300.1'))).toHaveLength(1);
  });
});

describe('the option drift', () => {
  test('compares all frames with the schema, from the handshake on', async () => {
    const socket = fakeTransport();
    const options = { url: 'ws://fake', transport: socket.open, heartbeat: false } as const;
    const stream = connectAppServer({ ...options, drift: true, log: false });
    const ready = stream.connect();
    await until(() => socket.connections.length > 0);
    socket.last.accept();
    socket.last.send({ id: 1, result: { userAgent: 5 } });
    await ready;
    const called = stream.call('thread/unsubscribe', { threadId: 't' });
    socket.last.send({ method: 'thread/closed', params: {} });
    socket.last.send({ id: 2, result: { status: 'asleep' } });
    await called;
    expect(stream.drift()).toMatchObject({
      variants: { 'ThreadUnsubscribeStatus: asleep': 1 },
      missing: { 'InitializeResponse.codexHome': 1, 'ThreadClosedNotification.threadId': 1 },
      changed: { 'InitializeResponse.userAgent: number': 1 },
    });
    await stream.close();
  });

  test('compares what comes of a call before its result as what it is, and no call with it', async () => {
    const socket = fakeTransport();
    const options = { url: 'ws://fake', transport: socket.open, heartbeat: false } as const;
    const stream = connectAppServer({ ...options, experimental: true, drift: true, log: false });
    const values: unknown[] = [];
    stream.call$('thread/search/stream', { searchTerm: 'x' }).subscribe((one) => values.push(one));
    await until(() => socket.connections.length > 0);
    socket.last.accept();
    const home = { codexHome: '/', platformFamily: 'unix', platformOs: 'linux' };
    socket.last.send({ id: 2, result: { userAgent: 'me/0.171.0', ...home } });
    await until(() => socket.last.sent.some((text) => text.includes('thread/search/stream')));
    const part = { requestId: 1, data: [{ snippet: 5 }] };
    socket.last.send({ method: 'thread/search/partial', params: part });
    socket.last.send({ id: 1, result: { data: [] } });
    await until(() => values.length === 2);
    expect(stream.drift()).toMatchObject({
      missing: { 'ThreadSearchResult.thread': 1 },
      changed: { 'ThreadSearchResult.snippet: number': 1 },
    });
    await stream.close();
  });
});

describe('a response and what comes in the same chunk', () => {
  test('whoever awaits it goes on first, several awaits deep', async () => {
    const socket = fakeTransport();
    const stream = connectAppServer({ url: 'ws://fake', transport: socket.open, heartbeat: false });
    const log: string[] = [];
    stream.events$.subscribe(({ type }) => log.push(type));
    const ready = stream.connect();
    socket.last.accept();
    socket.last.send({ id: 1, result: {} });
    await ready;
    const inner = async () => {
      await stream.call('thread/loaded/list', {});
    };
    const middle = async () => {
      await inner();
    };
    const outer = async (name: string) => {
      await middle();
      log.push(name);
    };
    const calls = [outer('one'), outer('two')];
    socket.last.send({ method: 'a' });
    socket.last.send({ id: 2, result: {} });
    socket.last.send({ method: 'b' });
    socket.last.send({ id: 3, result: {} });
    socket.last.send({ method: 'c' });
    socket.last.send({ method: 'd' });
    expect(log).toEqual(['app_server.a']);
    await Promise.all(calls);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.map((entry) => entry.replace('app_server.', ''))).toEqual([
      'a',
      'one',
      'b',
      'two',
      'c',
      'd',
    ]);
    await stream.close();
  });

  test('is not lost with the connection that ends in it', async () => {
    const socket = fakeTransport();
    const stream = connectAppServer({ url: 'ws://fake', transport: socket.open, heartbeat: false });
    const malformed: string[] = [];
    stream.malformed$.subscribe(({ reason }) => malformed.push(reason));
    const ready = stream.connect();
    socket.last.accept();
    socket.last.send({ id: 1, result: {} });
    await ready;
    const calls = [1, 2, 3].map(() => stream.call('thread/loaded/list', {}));
    for (const id of [2, 3, 4]) socket.last.send({ id, result: id });
    socket.last.end();
    expect(await Promise.all(calls)).toEqual([2, 3, 4]);
    expect(malformed).toEqual([]);
    await stream.close();
  });
});

describe('the heartbeat', () => {
  test('is a cheap call, whose answer is no event and no fault', () => {
    const log = play(
      { heartbeat: { interval: 100, timeout: 50 } },
      ({ at, greet, sent, socket }) => {
        at(1, greet);
        at(102, () => {
          const { id, method } = sent().at(-1)!;
          expect([id, method]).toEqual(['codex-rx.ping', list]);
          socket.last.send({ id, error: { code: -32001, message: 'busy' } });
        });
        at(110, () => socket.last.end());
      },
    );
    expect(log).toEqual(['100000 complete']);
  });

  test('gives up a server that is silent', () => {
    const log = play({ heartbeat: { interval: 100, timeout: 50 } }, (stage) => {
      states(stage);
      stage.at(1, stage.greet);
    });
    expect(log.slice(2, 4)).toEqual(['1 ready', '151 waiting']);
  });
});
