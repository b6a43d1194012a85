import { afterEach, describe, expect, test } from '@jest/globals';
import { filter, firstValueFrom, switchMap } from 'rxjs';
import { accept, approvals, connectManager, toolResult, type ManagerOptions } from 'codex-rx';
import { startFakeManager, type FakeManager, type FakeManagerOptions } from 'codex-rx/testing';
import { until } from '../support/until.js';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function manager(options?: FakeManagerOptions): Promise<FakeManager> {
  const server = await startFakeManager(options);
  closing.unshift(() => server.close());
  return server;
}

function connect(server: FakeManager, options: Partial<ManagerOptions> = {}) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = { warn: write, error: write };
  const reconnect = { base: 20 };
  const stream = connectManager({ url: server.url, log, reconnect, health: false, ...options });
  closing.unshift(() => stream.close());
  const recovered = async () => {
    await until(() => stream.requests.stats().recovery !== null);
    return stream.requests.stats().recovery;
  };
  return { stream, lines, recovered };
}

const approval = 'item/commandExecution/requestApproval';
const ask = (server: FakeManager, threadId = server.session(), method = approval) =>
  server.request(threadId, method, { turnId: 'u', itemId: 'i', callId: 'i', command: 'ls' });

/** Which lists the server was asked for, and how often. */
function listening(): [FakeManagerOptions, Map<string, number>] {
  const asked = new Map<string, number>();
  const rest: FakeManagerOptions['rest'] = ({ url }) => {
    const name = new URL(url, 'http://host').pathname.split('/').at(-1) ?? '';
    asked.set(name, (asked.get(name) ?? 0) + 1);
    return null;
  };
  return [{ rest }, asked];
}

describe('requests that were pending before the first connection', () => {
  test('are served, whatever their session', async () => {
    const server = await manager();
    const answers = Promise.all([ask(server), ask(server)]);
    const { stream, recovered } = connect(server);
    stream.requests.serve(approvals, (request) => accept(request));
    await stream.connect();
    expect(await answers).toEqual([
      { result: { decision: 'accept' } },
      { result: { decision: 'accept' } },
    ]);
    expect(await recovered()).toMatchObject({ complete: true, error: null, skipped: 0 });
  });

  test('are served by a handler that comes later, and each kind is asked for once', async () => {
    const [options, asked] = listening();
    const server = await manager(options);
    const [approved, called] = [ask(server), ask(server, server.session(), 'item/tool/call')];
    const { stream } = connect(server);
    await stream.connect();
    expect([...asked.keys()]).toEqual([]);
    stream.requests.serve(approvals, (request) => accept(request));
    await approved;
    stream.requests.serve('item/tool/call', () => toolResult('done'));
    expect(await called).toMatchObject({ result: { success: true } });
    stream.requests.serve(approvals, () => undefined);
    expect(asked.get('sessions')).toBe(2);
  });

  test('are observed', async () => {
    const server = await manager();
    void ask(server);
    const { stream } = connect(server);
    const pending = firstValueFrom(stream.requests.pending$.pipe(filter((all) => all.length > 0)));
    await stream.connect();
    expect(await pending).toHaveLength(1);
  });

  test('are looked for in 200 sessions, and that there are more is said', async () => {
    const server = await manager();
    const sessions = Array.from({ length: 201 }, (_, i) => ({ sessionId: `s${i}` }));
    const asked: string[] = [];
    const { stream, lines, recovered } = connect(server, {
      async fetch(url) {
        const { pathname, searchParams } = new URL(url);
        asked.push(pathname);
        const from = Number(searchParams.get('cursor') ?? 0);
        const data = pathname === '/api/sessions' ? sessions.slice(from, from + 100) : [];
        return { status: 200, json: async () => ({ data, nextCursor: String(from + 100) }) };
      },
    });
    stream.requests.serve(approvals, () => undefined);
    await stream.connect();
    expect(await recovered()).toMatchObject({ complete: false, skipped: 1, error: null });
    expect(new Set(asked).size).toBe(201);
    expect(lines).toEqual([expect.stringMatching(/not asked: 1, see "recoverSessions"/)]);
  });

  test('are left alone with `resync: false`', async () => {
    const [options, asked] = listening();
    const server = await manager(options);
    const { stream } = connect(server, { resync: false });
    stream.requests.serve(approvals, () => undefined);
    await stream.connect();
    await stream.rest('/api/health');
    expect([...asked.keys()]).toEqual(['health']);
  });

  test('keep neither `connect()` nor events waiting', async () => {
    const server = await manager({
      rest: ({ url }) => (url.includes('/api/sessions') ? new Promise(() => undefined) : null),
    });
    const { stream } = connect(server);
    stream.requests.serve(approvals, (request) => accept(request));
    await stream.connect();
    // Its answer needs no list: it was announced on this connection.
    expect(await ask(server)).toEqual({ result: { decision: 'accept' } });
    expect(stream.requests.stats().recovery).toBeNull();
  });
});

describe('sessions that began during a gap', () => {
  test('are asked, and the recovery of the gap says how many were not', async () => {
    const server = await manager();
    // Older than the one that begins in the gap: not in the same millisecond.
    server.session();
    const { stream } = connect(server, { recoverSessions: 1 });
    stream.requests.serve(approvals, (request) => accept(request));
    await stream.connect();
    const recovery = firstValueFrom(stream.gaps$.pipe(switchMap(({ recovery$ }) => recovery$)));
    const gone = firstValueFrom(stream.status$.pipe(filter(({ state }) => state === 'waiting')));
    server.sockets.forEach((socket) => {
      socket.terminate();
    });
    await gone;
    const answer = ask(server);
    expect(await recovery).toMatchObject({ complete: false, skipped: 1 });
    expect(await answer).toEqual({ result: { decision: 'accept' } });
  });

  test('are not asked for what nobody serves', async () => {
    const [options, asked] = listening();
    const server = await manager(options);
    const { stream } = connect(server);
    stream.requests.serve('item/tool/requestUserInput', () => undefined);
    await stream.connect();
    server.session();
    server.sockets.forEach((socket) => {
      socket.terminate();
    });
    await until(() => (asked.get('tool-input') ?? 0) > 0);
    expect([...asked.keys()].sort()).toEqual(['sessions', 'tool-input']);
  });
});
