import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, type ManagerStream } from 'codex-rx';
import { connectAppServer, type AppServerStream } from 'codex-rx/node';
import { notification } from 'codex-rx/testing';
import {
  any,
  anyNumber,
  anyString,
  captured,
  closes,
  connects,
  emits,
  emitsText,
  exactly,
  exits,
  expects,
  expectsRest,
  inAnyOrder,
  leaves,
  pauses,
  refuses,
  replies,
  silence,
  startTranscript,
  stringMatching,
  TranscriptError,
  type TranscriptFault,
  type SocketTranscript,
  type Step,
  type TranscriptOptions,
} from 'codex-rx/testing/transcript';
import { WebSocket } from 'ws';
import { until } from '../../support/until.js';

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function start(steps: readonly Step[], options: TranscriptOptions = {}) {
  const server = await startTranscript(steps, options);
  closings.push(() => server.close());
  return server;
}

/** A client that does what a spec says, and nothing by itself. */
async function client(server: SocketTranscript, path = '/') {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path);
  const heard: string[] = [];
  let code: number | null = null;
  socket.on('error', () => undefined);
  socket.on('message', (data) => heard.push((data as Buffer).toString()));
  const opened = new Promise((resolve) => {
    socket.on('open', resolve);
    socket.on('close', resolve);
  });
  socket.on('close', (closeCode) => (code = closeCode));
  closings.push(() => {
    socket.terminate();
  });
  await opened;
  return {
    heard,
    code: () => code,
    send: (frame: unknown) => {
      socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    close: () => {
      socket.close(4000);
    },
    terminate: () => {
      socket.terminate();
    },
  };
}

/** The message of a failure, without the steps that it shows. */
/** The kind of a failure, by what its message says. */
const kinds: readonly (readonly [RegExp, TranscriptFault])[] = [
  [/nothing came within/, 'overdue'],
  [/not what is expected/, 'different'],
  [/unexpected here|in any order|before it\.|every step was played/, 'unexpected'],
  [/was closed before/, 'closed'],
  [/^/, 'unplayable'],
];

async function failure(server: SocketTranscript): Promise<string> {
  const error: unknown = await server.done().then(
    () => new Error('It did not fail.'),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(TranscriptError);
  const { kind, message } = error as TranscriptError;
  expect(kind).toBe(kinds.find(([text]) => text.test(message))?.[1]);
  return message.split('\n\n')[0]!;
}

const handshake = [
  expects({ method: 'initialize', id: any }),
  emits(({ id }) => ({ id, result: { userAgent: 'x' } })),
  expects({ method: 'initialized' }),
];

function appServer(server: SocketTranscript, options = {}): AppServerStream {
  const stream = connectAppServer({ url: server.url, reconnect: false, ...options });
  closings.push(() => stream.close());
  void stream.connect();
  return stream;
}

function manager(server: SocketTranscript, options = {}): ManagerStream {
  const reconnect = { base: 1, cap: 1 };
  const stream = connectManager({ url: server.url, reconnect, ...options });
  closings.push(() => stream.close());
  void stream.connect();
  return stream;
}

describe('a transcript that a client keeps to', () => {
  test('of app-server: calls are answered under the ids that the client gives them', async () => {
    const server = await start([
      ...handshake,
      expects({ method: 'thread/start', id: captured('start'), params: { cwd: '/work' } }),
      emits({ id: captured('start'), result: { thread: { id: 't' } } }),
      emits({ method: 'item/tool/call', id: 0, params: { threadId: 't', tool: 'x' } }),
      expects(exactly({ id: 0, result: { contentItems: [], success: true } })),
      silence(30),
    ]);
    const stream = appServer(server);
    stream.requests.serve('item/tool/call', () => ({ contentItems: [], success: true }));
    expect(await stream.call('thread/start', { cwd: '/work' })).toEqual({ thread: { id: 't' } });
    await server.done();
  });

  test('of codex-manager: frames, and calls of the REST API beside them', async () => {
    const server = await start([
      connects({ path: '/api/stream?threadId=t', headers: { authorization: 'Bearer x' } }),
      emits({ type: 'ready', threadId: 't' }),
      emits(notification('turn/started', { threadId: 't', turn: { id: 'u' } })),
      expectsRest('POST', '/api/sessions/t/interrupt', { turnId: 'u' }, { status: 409 }),
      expectsRest(
        'POST',
        stringMatching(/^\/api\/sessions\/t\//),
        { text: captured('text') },
        null,
      ),
      emits({ type: 'app_server.other', threadId: 't', payload: captured('text') }),
      replies(202, { said: captured('text') }),
      expectsRest('GET', '/api/sessions'),
    ]);
    const stream = manager(server, {
      threadId: 't',
      resync: false,
      headers: { authorization: 'Bearer x' },
    });
    const types: string[] = [];
    stream.events$.subscribe(({ type }) => types.push(type));
    await stream.connect();
    await expect(stream.rest('/api/sessions/t/interrupt', { turnId: 'u' })).rejects.toThrow('409');
    expect(await stream.rest('/api/sessions/t/messages', { text: 'x' })).toEqual({ said: 'x' });
    expect(await stream.rest('/api/sessions')).toEqual({});
    await server.done();
    expect(types).toEqual(['app_server.turn.started', 'app_server.other']);
  });

  test('with several connections, one after the other, and one that is refused', async () => {
    const ready = emits({ type: 'ready', threadId: null });
    const server = await start([
      refuses(503),
      connects(),
      ready,
      closes(1006),
      connects(),
      ready,
      closes(1012, 'restart'),
      connects(),
      ready,
      closes(),
    ]);
    const stream = manager(server, { reconnect: { base: 1, cap: 1, attempts: 9 }, resync: false });
    const ends: unknown[] = [];
    stream.status$.subscribe((status) => {
      if (status.state === 'waiting') ends.push(status.error.code);
    });
    await server.done();
    await until(() => ends.length >= 4);
    expect(ends.slice(0, 4)).toEqual([503, 1006, 1012, 1005]);
  });

  test('in any order where that is said, each with its answer', async () => {
    const steps = [
      expects({ go: 1 }),
      inAnyOrder(
        [expects({ method: 'a', id: captured('a') }), emits({ id: captured('a'), result: 'A' })],
        [expects({ method: 'b', id: captured('b') }), emits(({ id }) => ({ id, result: 'B' }))],
        [expects({ n: 1 }), expects({ n: 2 })],
      ),
      expects({ method: 'end' }),
    ];
    const sent = [{ go: 1 }, { n: 1 }, { method: 'b', id: 5 }, { n: 2 }, { method: 'a', id: 6 }];
    const server = await start(steps);
    const { send, heard } = await client(server);
    for (const frame of [...sent, { method: 'end' }]) send(frame);
    await server.done();
    await until(() => heard.length === 2);
    expect(heard).toEqual(['{"id":5,"result":"B"}', '{"id":6,"result":"A"}']);
  });

  test('with text that is not JSON, bytes, pauses, and a client that leaves and comes back', async () => {
    const server = await start([
      expects('nonsense'),
      emitsText('{"type":'),
      pauses(20),
      emitsText(Uint8Array.of(104, 105)),
      leaves(),
      expectsRest('GET', '/meanwhile'),
      connects({ path: '/again' }),
      expects({ n: anyNumber, s: anyString, none: undefined, e: expect.any(Number) as unknown }),
    ]);
    const { send, heard, close, code } = await client(server);
    send('nonsense');
    await until(() => heard.length === 2);
    expect(heard).toEqual(['{"type":', 'hi']);
    close();
    await until(() => code() !== null);
    await fetch(`${server.url}/meanwhile`);
    const again = await client(server, '/again');
    again.send({ n: 1, s: 'x', e: 2, more: true });
    await server.done();
  });

  test('pings and questions for health are answered, unless a step waits for them', async () => {
    const server = await start([expects({ a: 1 }), expects({ type: 'ping' }), silence(20)]);
    const { send, heard } = await client(server);
    const health = await fetch(`${server.url}/api/health`);
    expect(await health.json()).toMatchObject({ codex: { running: true } });
    send({ a: 1 });
    send({ type: 'ping' });
    send({ type: 'ping' });
    send({ id: 'codex-rx.ping', method: 'thread/loaded/list' });
    await server.done();
    await until(() => heard.length === 2);
    expect(heard.map((text) => JSON.parse(text) as unknown)).toEqual([
      { type: 'pong' },
      { id: 'codex-rx.ping', result: { data: [], nextCursor: null } },
    ]);
    const strict = await start([expects({ a: 1 })], { housekeeping: false });
    (await client(strict)).send({ type: 'ping' });
    expect(await failure(strict)).toContain('received {"type":"ping"}');
  });

  test('what a client does after the end is told by done(), and a new connection is refused', async () => {
    const server = await start([expects({ a: 1 }), emits({ b: 1 })]);
    const { send, heard } = await client(server);
    send({ a: 1 });
    await server.done();
    await until(() => heard.length === 1);
    expect((await fetch(`${server.url}/api/x`)).status).toBe(404);
    expect(await failure(server)).toBe(
      'Step 2 of 2: every step was played, and then the client called GET /api/x.',
    );
    const late = await client(server);
    expect(late.code()).toBe(1006);
  });
});

describe('a client that does something else is told with the step', () => {
  /** What `done()` says when a client has sent these frames. */
  async function told(steps: readonly Step[], ...sent: readonly unknown[]): Promise<string> {
    const server = await start(steps, { timeout: 400 });
    const { send } = await client(server);
    for (const frame of sent) send(frame);
    return failure(server);
  }

  test('another frame: both sides, and each place at which they differ', async () => {
    const steps = [
      expects({ method: 'initialize', id: any }),
      emits(({ id }) => ({ id, result: {} })),
      expects({
        method: 'thread/start',
        params: { cwd: '/work', 'a-b': [{ n: 1 }], x: anyString },
      }),
      emits({ method: 'x' }),
    ];
    const server = await start(steps);
    const { send } = await client(server);
    send({ method: 'initialize', id: 1 });
    send({ id: 2, method: 'thread/start', params: { cwd: '/tmp', 'a-b': [{ n: 2 }] } });
    await expect(server.done()).rejects.toEqual(
      new TranscriptError(
        'different',
        3,
        [
          'Step 3 of 4: the client sent a frame that is not what is expected.',
          '  expected {"method":"thread/start","params":{"cwd":"/work","a-b":[{"n":1}],"x":<any string>}}',
          '  received {"id":2,"method":"thread/start","params":{"cwd":"/tmp","a-b":[{"n":2}]}}',
          '  - params.cwd: "/work"',
          '  + params.cwd: "/tmp"',
          '  - params["a-b"][0].n: 1',
          '  + params["a-b"][0].n: 2',
          '  - params.x: <any string>',
          '  + params.x: nothing',
          '',
          '  ✓ 0 the client connects',
          '  ✓ 1 expects {"method":"initialize","id":<any>}',
          '  ✓ 2 emits what a function makes',
          '  ✗ 3 expects {"method":"thread/start","params":{"cwd":"/work","a-b":[{"n":1}],"x":<any string>}}',
          '    4 emits {"method":"x"}',
        ].join('\n'),
      ),
    );
    await expect(server.done()).rejects.toMatchObject({
      step: 3,
      kind: 'different',
      name: 'TranscriptError',
    });
  });

  test('members that are too many, where it is exact', async () => {
    expect(await told([expects(exactly({ id: 0 }))], { id: 0, more: { a: 1 } })).toContain(
      '  - more: nothing\n  + more: {"a":1}',
    );
  });

  test('a list of another length', async () => {
    expect(await told([expects({ a: [1, any] })], { a: [1] })).toContain(
      '  - a: [1,<any>]\n  + a: [1]',
    );
  });

  test('a captured value that is another the second time', async () => {
    const steps = [
      expects({ id: captured('call', anyNumber) }),
      expects({ id: captured('call', anyNumber) }),
    ];
    expect(await told(steps, { id: 1 }, { id: 2 })).toContain(
      '  expected {"id":1}\n  received {"id":2}\n  - id: 1, captured as "call"\n  + id: 2',
    );
    expect(await told(steps, { id: 'x' })).toContain('  - id: <any number>\n  + id: "x"');
  });

  test('nothing: what is still awaited', async () => {
    const steps = [expects({ a: 1 }), emits({}), expectsRest('POST', '/x', { b: 1 }), silence(5)];
    expect(await told(steps)).toBe(
      'Step 1 of 4: nothing came within 400 ms. Still awaited:\n' +
        '  - expects {"a":1}\n  - expects POST /x {"b":1}\n  - 5 ms of silence',
    );
    const never = await start([expects({ a: 1 }, { within: 10 })]);
    await client(never);
    expect(await failure(never)).toContain('nothing came within 10 ms');
  });

  test('no client at all', async () => {
    const server = await start([expects({ a: 1 })], { timeout: 20 });
    expect(await failure(server)).toBe(
      'Step 0 of 1: nothing came within 20 ms. Still awaited:\n' +
        '  - the client connects\n  - expects {"a":1}',
    );
  });

  test('a frame in a silence, and one too early', async () => {
    expect(await told([silence(20)], { a: 1 })).toBe(
      'Step 1 of 1: the client sent {"a":1}, which is unexpected here.\n' +
        '  expected 20 ms of silence',
    );
  });

  test('a frame in the place of a call, and a call in the place of a frame', async () => {
    expect(await told([expectsRest('GET', '/x')], { a: 1 })).toBe(
      'Step 1 of 1: the client sent {"a":1}, which is unexpected here.\n  expected GET /x',
    );
    const server = await start([expects({ a: 1 })]);
    await client(server);
    await fetch(`${server.url}/y?z`, { method: 'POST', body: '{"b":1}' }).catch(() => undefined);
    expect(await failure(server)).toBe(
      'Step 1 of 1: the client called POST /y?z {"b":1}, which is unexpected here.\n' +
        '  expected {"a":1}',
    );
  });

  test('another call', async () => {
    const server = await start([
      expectsRest('POST', '/api/approvals/0/decision', { decision: 'a' }),
    ]);
    await client(server);
    const body = '{"decision":"b"}';
    await fetch(`${server.url}/api/approvals/1/decision`, { method: 'PUT', body }).catch(
      () => null,
    );
    expect(await failure(server)).toBe(
      [
        'Step 1 of 1: the client made a call that is not what is expected.',
        '  expected POST /api/approvals/0/decision {"decision":"a"}',
        '  received PUT /api/approvals/1/decision {"decision":"b"}',
        '  - method: "POST"',
        '  + method: "PUT"',
        '  - path: "/api/approvals/0/decision"',
        '  + path: "/api/approvals/1/decision"',
        '  - body.decision: "a"',
        '  + body.decision: "b"',
      ].join('\n'),
    );
  });

  test('a client that leaves too early, before a frame of its own or of the server', async () => {
    const server = await start([expects({ a: 1 })]);
    (await client(server)).close();
    expect(await failure(server)).toBe(
      'Step 1 of 1: the client left (code 4000), which is unexpected here.\n  expected {"a":1}',
    );
    const other = await start([pauses(50), emits({ b: 1 })]);
    (await client(other)).terminate();
    expect(await failure(other)).toBe('Step 2 of 2: the client left (code 1006) before it.');
  });

  test('a second connection, another handshake, and a frame that nobody hears', async () => {
    const server = await start([expects({ a: 1 })]);
    await client(server);
    const second = await client(server);
    expect(second.code()).toBe(1006);
    expect(await failure(server)).toBe(
      'Step 1 of 1: the client connected, which is unexpected here. ' +
        '"connects()" waits for a further connection.\n  expected {"a":1}',
    );
    const path = await start([connects({ path: '/api/stream' })]);
    await client(path, '/other');
    expect(await failure(path)).toContain('- path: "/api/stream"\n  + path: "/other"');
    const gone = await start([closes(), emits({})]);
    await client(gone);
    expect(await failure(gone)).toBe(
      'Step 2 of 2: there is no connection: "connects()" waits for one.',
    );
  });

  test('none of a group, and less than all of it', async () => {
    const group = inAnyOrder(expects({ a: 1 }), expects({ b: 1 }), expects({ c: 1 }));
    expect(await told([group], { b: 1 }, { d: 1 })).toBe(
      'Step 1 of 1: the client sent {"d":1}, which is none of what is awaited in any order:\n' +
        '  - expects {"a":1}\n  - expects {"c":1}',
    );
    expect(await told([group], { b: 1 }, { a: 1 })).toBe(
      'Step 1 of 1: nothing came within 400 ms. Still awaited:\n  - expects {"c":1}',
    );
  });

  test('long frames are cut, and the steps around are shown', async () => {
    const long = 'x'.repeat(500);
    const message = await told([expects({ a: long })], { a: `${long}y` });
    expect(Math.max(...message.split('\n').map(({ length }) => length))).toBeLessThan(220);
    const many = Array.from({ length: 20 }, (_, n) => expects({ n }));
    const server = await start(many);
    const { send } = await client(server);
    for (let n = 0; n < 10; n++) send({ n });
    send({ n: 99 });
    const error = (await server.done().catch((error: unknown) => error)) as Error;
    expect(error.message.split('\n\n')[1]!.split('\n')).toEqual([
      ...[7, 8].map((n) => `  ✓  ${n} expects {"n":${n - 1}}`),
      '  ✓  9 expects {"n":8}',
      '  ✓ 10 expects {"n":9}',
      '  ✗ 11 expects {"n":10}',
      '    12 expects {"n":11}',
      '    13 expects {"n":12}',
    ]);
  });

  test('what cannot be sent: nothing captured, a wildcard, a function that throws, no call', async () => {
    expect(await told([emits({ id: captured('x') })])).toBe(
      'Step 1 of 1: nothing was captured as "x".',
    );
    expect(await told([emits([{ id: any }])])).toBe(
      'Step 1 of 1: <any> says nothing that can be sent.',
    );
    const boom = () => {
      throw new Error('boom.');
    };
    expect(await told([emits(boom)])).toBe('Step 1 of 1: boom.');
    expect(await told([replies(200)])).toBe('Step 1 of 1: no call of the REST API waits for this.');
  });

  test('the client is cut off, and a transcript that is closed early has failed', async () => {
    const server = await start([expects({ a: 1 })]);
    const one = await client(server);
    one.send({ b: 1 });
    await until(() => one.code() !== null);
    const closed = await start([expects({ a: 1 })]);
    const other = await client(closed);
    await closed[Symbol.asyncDispose]();
    await until(() => other.code() !== null);
    expect(await failure(closed)).toBe(
      'Step 1 of 1: the transcript was closed before it was played to its end.',
    );
  });
});

describe('startTranscript refuses', () => {
  test.each<[Step, string]>([
    [exits(1), 'Step 1 cannot be played (exits with 1): a websocket cannot do that.'],
    [
      inAnyOrder([emits({})]),
      'Step 1 cannot be played (in any order: emits {}): each of a group begins with what the client does.',
    ],
    [
      inAnyOrder([expects({}), silence(1)]),
      'Step 1 cannot be played (in any order: expects {}): "1 ms of silence" has no place in a group.',
    ],
  ])('steps that cannot be played', async (step, message) => {
    await expect(startTranscript([step])).rejects.toEqual(new TypeError(message));
  });

  test('options that are wrong, by their names', async () => {
    await expect(startTranscript([], { timeout: -1 })).rejects.toThrow('"timeout" must be');
    await expect(startTranscript([], { housekeeping: 'x' as never })).rejects.toThrow(
      '"housekeeping" must be true or false.',
    );
  });
});
