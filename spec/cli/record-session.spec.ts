import { afterEach, describe, expect, it } from '@jest/globals';
import { readRecording, replay } from 'codex-rx/recording';
import {
  notification,
  startFakeAppServer,
  startFaultProxy,
  startStreamServer,
  type StreamServerOptions,
} from 'codex-rx/testing';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { lastValueFrom, toArray } from 'rxjs';
import { recordSession } from '../../lib/cli/record-session.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { newFile } from '../support/new-file.js';
import { until } from '../support/until.js';

const closables: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
});

async function start(options?: StreamServerOptions) {
  const server = await startStreamServer(options);
  closables.push(server);
  return server;
}

const command = (url: string, more = {}) => ({
  name: 'record' as const,
  url,
  appServer: false,
  thread: undefined,
  out: undefined,
  redact: true,
  ...more,
});

const started = notification('turn/started', { threadId: 't1', turn: { id: 'u1' } });
const told = { type: 'x', threadId: 't1', payload: 'mail to ada@example.com, in /home/ada' };

describe('codex-rx record', () => {
  it('writes what goes over the wire to stdout until Ctrl-C, and tells what it was', async () => {
    const server = await start();
    const { terminal, written, interrupt } = fakeTerminal();
    const code = recordSession(command(server.url), terminal);
    await server.connected();
    server.send(started);
    server.send(told);
    await until(() => written.out.includes('<user 1>'));
    interrupt();
    expect(await code).toBe(0);
    const { header, entries } = readRecording(written.out);
    expect(header).toMatchObject({ protocol: 'codex-manager', redacted: true });
    expect(entries.map(({ dir }) => dir)).toEqual(['open', 'in', 'in', 'in', 'close']);
    expect(await lastValueFrom(replay(written.out, { speed: Infinity }).pipe(toArray()))).toEqual([
      started,
      { ...told, turnId: null, requestId: null, payload: 'mail to <email 1>, in /home/<user 1>' },
    ]);
    expect(written.err).toMatch(
      /^codex-rx: 6 lines, \d\.\d kB, in stdout\. Cut out: email 1, user 1\.\n$/,
    );
  });

  it('writes to a file, with secrets if it is told so, and one thread alone', async () => {
    const server = await start();
    const out = await newFile();
    const { terminal, written, interrupt } = fakeTerminal();
    const more = { out, redact: false, thread: 't1' };
    const code = recordSession(command(server.url, more), terminal);
    expect((await server.connected()).threadId).toBe('t1');
    server.send({ ...told, threadId: 't2' });
    server.send(told);
    await until(() => existsSync(out));
    while (!(await readFile(out, 'utf8')).includes('"x"'));
    interrupt();
    expect(await code).toBe(0);
    const { entries } = readRecording(await readFile(out, 'utf8'));
    expect(entries.filter(({ dir }) => dir === 'in')).toMatchObject([
      { frame: { type: 'ready' } },
      { frame: told },
    ]);
    expect(written.out).toBe('');
    expect(written.err).toMatch(
      /^codex-rx: 5 lines, 0\.\d kB, in .*\. Secrets are left in it\.\n$/,
    );
  });

  it('records a codex app-server: what it tells everybody, and a thread that it follows', async () => {
    const server = await startFakeAppServer();
    closables.push(server);
    const first = fakeTerminal();
    const code = recordSession(command(server.url, { appServer: true }), first.terminal);
    await server.connected();
    await until(() => server.received.some((text) => text.includes('"initialized"')));
    server.notify(null, 'account/updated', {});
    server.sendRaw('no JSON');
    await until(() => first.written.out.includes('no JSON'));
    first.interrupt();
    expect(await code).toBe(0);
    const { header, entries } = readRecording(first.written.out);
    expect(header.protocol).toBe('app-server');
    expect(entries.filter(({ dir }) => dir === 'out')).toMatchObject([
      { frame: { method: 'initialize' } },
      { frame: { method: 'initialized' } },
    ]);
    expect(entries.at(-2)).toMatchObject({ dir: 'in', text: 'no JSON' });

    server.handle('thread/resume', ({ threadId }) => ({ result: { thread: { id: threadId } } }));
    const second = fakeTerminal();
    const more = { appServer: true, thread: 't1' };
    const following = recordSession(command(server.url, more), second.terminal);
    await until(() => second.written.out.includes('"thread":'));
    void server.request('t1', 'item/tool/call', { threadId: 't1' });
    await until(() => second.written.out.includes('item/tool/call'));
    second.interrupt();
    expect(await following).toBe(0);
    // It looks on: it answers nothing.
    const sent = readRecording(second.written.out).entries.filter(({ dir }) => dir === 'out');
    expect(sent.map(({ frame }) => (frame as { method?: string }).method)).toEqual([
      'initialize',
      'initialized',
      'thread/resume',
    ]);
  });

  it('goes on after a loss, in the same recording', async () => {
    const server = await start();
    const proxy = await startFaultProxy({ target: server.url });
    closables.push(proxy);
    const { terminal, written, interrupt } = fakeTerminal();
    const code = recordSession(command(proxy.url), terminal);
    await server.connected();
    await until(() => written.out.includes('"ready"'));
    const back = server.connected();
    proxy.reset();
    await back;
    await until(() => written.out.split('"ready"').length === 3);
    interrupt();
    expect(await code).toBe(0);
    const { entries } = readRecording(written.out);
    expect(entries.map(({ sock, dir }) => `${sock} ${dir}`)).toEqual([
      ...['1 open', '1 in', '1 close'],
      ...['2 open', '2 in', '2 close'],
    ]);
    expect(written.err).toContain('Trying again in');
  });

  it('ends with 1 and leaves no file, if it cannot connect', async () => {
    const server = await start();
    await server.close();
    const out = await newFile();
    const { terminal, written } = fakeTerminal();
    const url = `${server.url.replace('http', 'ws')}?token=secret`;
    expect(await recordSession(command(url, { out }), terminal)).toBe(1);
    expect(written.err).toMatch(
      /^codex-rx: cannot record ws:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.* If it is a codex app-server, give --app-server\.\n$/,
    );
    expect(written.err).not.toContain('secret');
    expect(existsSync(out)).toBe(false);
  });

  it('ends with 1 if the thread cannot be followed', async () => {
    const server = await startFakeAppServer();
    closables.push(server);
    const { terminal, written } = fakeTerminal();
    const more = { appServer: true, thread: 'none' };
    expect(await recordSession(command(server.url, more), terminal)).toBe(1);
    expect(written.err).toContain('thread not found: none');
  });

  it('ends with 1 if the server refuses it later', async () => {
    let status: number | null = null;
    const server = await start({ refuse: () => status });
    const { terminal, written } = fakeTerminal();
    const code = recordSession(command(server.url), terminal);
    const socket = await server.connected();
    await until(() => written.out.includes('"ready"'));
    status = 404;
    socket.terminate();
    expect(await code).toBe(1);
    expect(written.err).toContain('HTTP status 404');
    expect(readRecording(written.out).entries.at(-1)).toMatchObject({ dir: 'close', status: 404 });
  });

  it('ends with 0 if it is interrupted while it connects, and leaves no file', async () => {
    const server = await start({ greets: false });
    const out = await newFile();
    const { terminal, written, interrupt } = fakeTerminal();
    const code = recordSession(command(server.url, { out }), terminal);
    await server.connected();
    interrupt();
    expect(await code).toBe(0);
    expect(written).toEqual({ out: '', err: '' });
    expect(existsSync(out)).toBe(false);
  });

  it('ends with 1 if the recording cannot be written, at once or later', async () => {
    const server = await start();
    const { terminal, written } = fakeTerminal();
    const broken = {
      ...terminal,
      out: (text: string) => {
        terminal.out(text);
        if (text.includes('"x"')) throw new Error('no room');
      },
    };
    const code = recordSession(command(server.url), broken);
    await server.connected();
    await until(() => written.out.includes('"ready"'));
    server.send(told);
    expect(await code).toBe(1);
    expect(written.err).toMatch(/^codex-rx: cannot write the recording: no room\n/);
    expect(written.err).toContain('Missing lines: 1.');

    const { terminal: second, written: both } = fakeTerminal();
    const never = {
      ...second,
      out: () => {
        throw new Error('no room');
      },
    };
    expect(await recordSession(command(server.url), never)).toBe(1);
    expect(both.err).toBe('codex-rx: cannot write the recording: no room\n');
  });

  it('writes over no file', async () => {
    const server = await start();
    const out = await newFile();
    await writeFile(out, 'dear');
    const { terminal } = fakeTerminal();
    await expect(recordSession(command(server.url, { out }), terminal)).rejects.toThrow(
      'it exists, and recordings are not written over.',
    );
    expect(await readFile(out, 'utf8')).toBe('dear');
  });
});
