import { describe, expect, test } from '@jest/globals';
import { ConnectionError, ofAppServer } from 'codex-rx';
import { CallError, connectAppServer } from 'codex-rx/node';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { filter, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { codexSpecs, type TestStream } from '../support/codex-stream.js';
import { runTurn, sent, startThread, startTurn } from '../support/codex-turn.js';
import { gate, text, weather } from '../support/scripted-model.js';

const { start, closing } = codexSpecs();

/** How long the slowest of all answers took, in milliseconds. */
function slowestCall({ recorded }: TestStream): number {
  const sentAt = new Map<unknown, number>();
  let slowest = 0;
  for (const { dir, frame, t } of recorded) {
    const { id } = Object(frame) as { readonly id?: unknown };
    if (id === undefined) continue;
    if (dir === 'out') sentAt.set(id, t);
    else slowest = Math.max(slowest, t - (sentAt.get(id) ?? t));
  }
  return slowest;
}

/** Why a call has no result. */
async function faultOf(call: Promise<unknown>): Promise<CallError> {
  const fault = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(CallError);
  return fault as CallError;
}

describe('a call that streams, to the real codex', () => {
  test('emits its result last, and is known by its id where it is cancelled', async () => {
    const codex = await start('websocket');
    const stream = codex.stream({ experimental: true });
    await runTurn(stream, 'plain', { cwd: codex.cwd });
    const search = 'thread/search/stream';
    const params = { searchTerm: 'plain' };
    const values = await lastValueFrom(stream.call$(search, params).pipe(toArray()));
    expect(values.at(-1)).toMatchObject({ data: expect.any(Array) });
    expect(values.at(-1)).not.toHaveProperty('requestId');
    const abort = new AbortController();
    const call = stream.call(search, params, { signal: abort.signal });
    const fault = faultOf(call);
    abort.abort();
    expect(await fault).toMatchObject({ kind: 'aborted' });
    expect(await stream.call(`${search}/cancel`, { requestId: call.id })).toEqual({});
    expect(sent(stream)).toContainEqual(
      expect.objectContaining({ method: `${search}/cancel`, params: { requestId: call.id } }),
    );
  });
});

describe.each(['websocket', 'stdio'] as const)('over %s, a call', (transport) => {
  test('connects by itself, and its result comes before the next event', async () => {
    const codex = await start(transport);
    const stream = codex.stream();
    const { thread } = await stream.call('thread/start', { cwd: codex.cwd });
    const started = await firstValueFrom(stream.events$.pipe(ofAppServer('thread/started')));
    expect(started.payload.params.thread.id).toBe(thread.id);
  });

  test('that the server refuses is rejected with its reason', async () => {
    const codex = await start(transport);
    const stream = codex.stream();
    await stream.connect();
    const threadId = '01a203ca-0000-7000-8000-000000000000';
    const input = [{ type: 'text', text: 'plain' } as const];
    expect(await faultOf(stream.call('turn/start', { threadId, input }))).toMatchObject({
      kind: 'refused',
      method: 'turn/start',
      code: -32600,
      message: expect.stringContaining(`thread not found: ${threadId}`),
      outcomeUnknown: false,
    });
  });

  test('in flight when the server is killed is lost, and nobody knows what became of it', async () => {
    const codex = await start(transport);
    const stream = codex.stream();
    await stream.connect();
    await codex.signal('SIGSTOP');
    const lost = faultOf(stream.call('thread/start', { cwd: codex.cwd }));
    await codex.restart();
    expect(await lost).toMatchObject({ kind: 'lost', outcomeUnknown: true });
    expect(await stream.call('thread/loaded/list', {})).toMatchObject({ data: [] });
    expect(sent(stream).filter(({ method }) => method === 'thread/start')).toHaveLength(1);
  });

  test('is given up in time, or when it is aborted, and late results do not matter', async () => {
    const codex = await start(transport);
    const stream = codex.stream();
    await stream.connect();
    await codex.signal('SIGSTOP');
    const abort = new AbortController();
    const calls = [
      faultOf(stream.call('thread/loaded/list', {}, { timeout: 50 })),
      faultOf(stream.call('thread/loaded/list', {}, { signal: abort.signal })),
      faultOf(stream.call('thread/loaded/list', {}, { signal: AbortSignal.abort() })),
    ];
    abort.abort();
    expect(await Promise.all(calls)).toMatchObject([
      { kind: 'timeout', outcomeUnknown: true },
      { kind: 'aborted', outcomeUnknown: true },
      { kind: 'aborted', outcomeUnknown: false },
    ]);
    await codex.signal('SIGCONT');
    expect(await stream.call('thread/loaded/list', {})).toMatchObject({ data: [] });
  });

  test('ends with the stream', async () => {
    const codex = await start(transport);
    const stream = codex.stream();
    await stream.connect();
    await codex.signal('SIGSTOP');
    const inFlight = faultOf(stream.call('thread/loaded/list', {}));
    const closed = stream.close();
    expect(await inFlight).toMatchObject({ kind: 'closed', outcomeUnknown: true });
    expect(await faultOf(stream.call('thread/loaded/list', {}))).toMatchObject({
      kind: 'closed',
      outcomeUnknown: false,
    });
    await codex.signal('SIGCONT');
    await closed;
  });
});

test.each(['websocket', 'unix socket', 'stdio'] as const)(
  'over %s, what is experimental is refused to who has not asked for it',
  async (transport) => {
    const codex = await start(transport);
    const stream = closing(connectAppServer(codex.reach));
    const params = { cwd: codex.cwd };
    expect(await stream.call('thread/start', params)).toMatchObject({ cwd: codex.cwd });
    const refused = stream.call('thread/start', { ...params, dynamicTools: [weather] } as object);
    expect(await faultOf(refused)).toMatchObject({
      kind: 'refused',
      code: -32600,
      message: expect.stringContaining('requires experimentalApi capability'),
    });
  },
);

test('over websocket, 200 clients are greeted who come at once, however busy the server', async () => {
  const codex = await start('websocket');
  const streams = Array.from({ length: 200 }, () => codex.stream());
  await codex.signal('SIGSTOP');
  const connected = Promise.all(streams.map((stream) => stream.connect()));
  await codex.signal('SIGCONT');
  await connected;
  const calls = streams.map((stream) => stream.call('thread/loaded/list', {}));
  expect(await Promise.all(calls)).toHaveLength(200);
});

// Unpaced, codex refuses some of 200 calls at once, and over stdio leaves some of 400 unanswered.
test.each([
  ['websocket', 2_000],
  ['unix socket', 2_000],
  ['stdio', 2_000],
] as const)(
  'over %s, %d calls at once are made, however busy the server',
  async (transport, count) => {
    const codex = await start(transport);
    const stream = codex.stream();
    await stream.connect();
    await codex.signal('SIGSTOP');
    const calls = Array.from({ length: count }, () => stream.call('thread/loaded/list', {}));
    await codex.signal('SIGCONT');
    const results = await Promise.all(calls);
    expect(results).toEqual(results.map(() => ({ data: [], nextCursor: null })));
    // None was refused and sent again: no more wait than the server can hold, unless it is so slow
    // that it seems to be at work.
    expect(slowestCall(stream) >= 1_000 || sent(stream).length === 2 + count).toBe(true);
  },
);

describe('a server', () => {
  test('that drains refuses calls, says why, and ends its turns', async () => {
    const codex = await start('websocket');
    const hanging = gate();
    codex.model.script('hang', [text('so far ', hanging, 'so good')]);
    const stream = codex.stream();
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    await startTurn(stream, threadId, 'hang');
    await hanging.reached;
    await codex.signal('SIGTERM');
    const isLost = firstValueFrom(stream.status$.pipe(filter(({ state }) => state === 'waiting')));
    expect(await faultOf(drained())).toMatchObject({
      kind: 'refused',
      code: -32600,
      data: { reason: 'serverShuttingDown' },
    });
    hanging.release();
    await isLost;

    /** It takes a moment to hear the signal. */
    async function drained(): Promise<never> {
      for (;;) await stream.call('thread/start', { cwd: codex.cwd });
    }
  });

  test('that asks for a bearer token gets the one that there is now', async () => {
    const { codex, token, change } = await guarded();
    codex.model.script('plain', [text('Hello.')]);
    let now = token;
    const stream = codex.stream({ token: async () => now });
    await stream.connect();
    const back = firstValueFrom(stream.gaps$);
    now = await change();
    await codex.restart();
    await back;
    expect(await runTurn(stream, 'plain', { cwd: codex.cwd })).toMatchObject({
      status: 'completed',
    });
  });

  test('that asks for another bearer token closes the stream, which tells nobody of its own', async () => {
    const { codex } = await guarded();
    const token = newToken();
    const stream = codex.stream({ token });
    const error: unknown = await stream.connect().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ kind: 'refused', code: 401, permanent: true });
    const status = await firstValueFrom(stream.status$);
    expect(status).toEqual({ state: 'closed', reason: 'failed', error });
    const told = inspect([error, status, stream], { depth: null, showHidden: true });
    expect(told + JSON.stringify([error, status])).not.toContain(token);
  });
});

const newToken = () => randomBytes(16).toString('hex');

/** A codex that asks for a token; another one counts when it is started again. */
async function guarded() {
  const directory = await mkdtemp(join(tmpdir(), 'codex-rx-token-'));
  closing({ close: () => rm(directory, { recursive: true }) });
  const file = join(directory, 'token');
  const change = async () => {
    const token = newToken();
    await writeFile(file, token);
    return token;
  };
  const token = await change();
  const args = ['--ws-auth', 'capability-token', '--ws-token-file', file];
  return { codex: await start('websocket', { args }), token, change };
}
