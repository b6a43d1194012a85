import { afterEach, describe, expect, it } from '@jest/globals';
import { notification, startStreamServer, type StreamServer } from 'codex-rx/testing';
import { tail } from '../../lib/cli/tail.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { until } from '../support/until.js';

const servers: StreamServer[] = [];

async function start(...options: Parameters<typeof startStreamServer>) {
  const server = await startStreamServer(...options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const ids = { threadId: 't1', turnId: 'u1' };
const said = (delta: string, itemId = 'i1') =>
  notification('item/agentMessage/delta', { ...ids, itemId, delta });

const command = (url: string) => ({
  name: 'tail' as const,
  url,
  thread: undefined,
  prefixes: [],
  json: false,
});

describe('codex-rx tail', () => {
  it('shows text as it streams, until Ctrl-C, and ends with 0', async () => {
    const server = await start();
    const { terminal, written, interrupt } = fakeTerminal();
    const code = tail(command(server.url), terminal);
    await server.connected();
    server.send(said('Hello '));
    server.send(said('there'));
    await until(() => written.out.includes('there'));
    interrupt();
    expect(await code).toBe(0);
    expect(written.out).toMatch(/^ {2}0\.00s {2}t1 {5}u1 {6}‹ Hello there\n$/);
    expect(written.err).toBe('');
  });

  it('prints every event as a line of JSON with --json', async () => {
    const server = await start();
    const { terminal, written, interrupt } = fakeTerminal();
    const code = tail({ ...command(server.url), json: true }, terminal);
    await server.connected();
    server.send(said('a'));
    server.send({ type: 'anything', threadId: null });
    await until(() => written.out.split('\n').length > 2);
    interrupt();
    await code;
    const lines = written.out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      said('a'),
      { type: 'anything', threadId: null, turnId: null, requestId: null, payload: null },
    ]);
  });

  it('asks the server for one thread, and shows types with one of the prefixes', async () => {
    const server = await start();
    const { terminal, written, interrupt } = fakeTerminal();
    const options = { thread: 't1', prefixes: ['app_server.item.', 'approval'] };
    const code = tail({ ...command(server.url), ...options }, terminal);
    const socket = await server.connected();
    expect(socket.threadId).toBe('t1');
    for (const type of ['app_server.turn.started', 'approval', 'app_server.item.completed']) {
      server.send({ type, threadId: 't1' });
    }
    await until(() => written.out.includes('completed'));
    interrupt();
    await code;
    expect(written.out.replaceAll(/^.*· {7}/gm, '')).toBe(
      '· approval\n· app_server.item.completed\n',
    );
  });

  it('says that it comes back after a loss, and what that means', async () => {
    const server = await start();
    const { terminal, written, interrupt } = fakeTerminal();
    const code = tail(command(server.url), terminal);
    (await server.connected()).close(1001, 'restart');
    await until(() => written.err.includes('Reconnected'));
    interrupt();
    expect(await code).toBe(0);
    expect(written.err).toMatch(
      /The server closed the connection \(code 1001, "restart"\)\. Trying/,
    );
    expect(written.err).toMatch(/Reconnected\. The events of the last \d+\.\d s are missing\./);
  });

  it('ends with 1 and one line that says why, if it cannot connect', async () => {
    const server = await start();
    await server.close();
    const { terminal, written } = fakeTerminal();
    expect(await tail(command(`${server.url}?token=secret`), terminal)).toBe(1);
    expect(written.err).toBe(
      `codex-rx: cannot tail ${server.url}: The server cannot be reached: ` +
        `connect ECONNREFUSED ${server.url.replace('http://', '')}.\n`,
    );
    expect(written.out).toBe('');
  });

  it('ends with 1 if the server refuses it, now or after a loss', async () => {
    let status: number | null = 401;
    const server = await start({ refuse: () => status });
    const first = fakeTerminal();
    expect(await tail(command(server.url), first.terminal)).toBe(1);
    expect(first.written.err).toContain('HTTP status 401');

    status = null;
    const second = fakeTerminal();
    const code = tail(command(server.url), second.terminal);
    const socket = await server.connected();
    status = 404;
    socket.terminate();
    expect(await code).toBe(1);
    expect(second.written.err).toContain('HTTP status 404');
  });

  it('ends with 0 if it is interrupted while it connects', async () => {
    const server = await start({ greets: false });
    const { terminal, written, interrupt } = fakeTerminal();
    const code = tail(command(server.url), terminal);
    await server.connected();
    interrupt();
    expect(await code).toBe(0);
    expect(written).toEqual({ out: '', err: '' });
  });

  it('reports frames that cannot be read, on a line of their own', async () => {
    const server = await start();
    const { terminal, written, interrupt } = fakeTerminal();
    const code = tail(command(server.url), terminal);
    const socket = await server.connected();
    server.send(said('Hello'));
    await until(() => written.out.includes('Hello'));
    socket.sendRaw('{');
    await until(() => written.err !== '');
    interrupt();
    await code;
    expect(written.err).toBe('codex-rx: The frame is no envelope (not-json). It begins: {\n');
    expect(written.out.endsWith('Hello\n')).toBe(true);
  });
});
