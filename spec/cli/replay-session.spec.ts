import { afterEach, describe, expect, it } from '@jest/globals';
import { connectManager, type Envelope } from 'codex-rx';
import { notification, startStreamServer } from 'codex-rx/testing';
import { writeFile } from 'node:fs/promises';
import { replaySession } from '../../lib/cli/replay-session.js';
import { header, lines, received } from '../recording/text.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { newFile } from '../support/new-file.js';
import { until } from '../support/until.js';

const closables: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
});

const command = (file: string, more = {}) => ({
  name: 'replay' as const,
  file,
  speed: Infinity,
  port: undefined,
  sock: undefined,
  thread: undefined,
  prefixes: [],
  json: false,
  ...more,
});

const ids = { threadId: 't1', turnId: 'u1' };
const said = (delta: string, threadId = 't1') =>
  notification('item/agentMessage/delta', { ...ids, threadId, itemId: 'i1', delta });

async function recorded(text: string): Promise<string> {
  const path = await newFile();
  await writeFile(path, text);
  return path;
}

const hello = () =>
  recorded(
    header() +
      lines(
        received(0, { type: 'ready', threadId: null }),
        received(100, said('Hello ')),
        received(100, said('there'), '2'),
        received(2_100, { type: 'approval', threadId: 't2', payload: {} }),
      ),
  );

describe('codex-rx replay', () => {
  it('shows a session as tail does, with the times of the recording', async () => {
    const { terminal, written } = fakeTerminal();
    const file = await recorded(
      header() + lines(received(500, said('Hello ')), received(1_750, said('there', 'other'))),
    );
    expect(await replaySession(command(file), terminal)).toBe(0);
    expect(written).toEqual({
      out: '  0.00s  t1     u1      ‹ Hello there\n',
      err: '',
    });
  });

  it('shows sessions of a codex app-server as well', async () => {
    const { terminal, written } = fakeTerminal();
    const file = 'spec/recordings/app-server/shell-approval-accept.jsonl';
    expect(await replaySession(command(file), terminal)).toBe(0);
    expect(written.out).toContain('● turn started\n');
    expect(written.out).toContain('item/commandExecution/requestApproval  /bin/bash');
    expect(written.out).toContain('■ turn completed\n');
    expect(written.err).toBe('');
  });

  it.each<[object, string]>([
    [{ prefixes: ['app'] }, '· app_server.item.agent_message.delta\n'.repeat(2) + '· approval\n'],
    [{ prefixes: ['approval'] }, '· approval\n'],
    [{ prefixes: ['app'], thread: 't2' }, '· approval\n'],
    [{ prefixes: ['app'], sock: '2' }, '· app_server.item.agent_message.delta\n'],
  ])('shows what is asked for: %j', async (more, shown) => {
    const { terminal, written } = fakeTerminal();
    await replaySession(command(await hello(), more), terminal);
    expect(written.out.replaceAll(/^.*(?=· \w\w)/gm, '')).toBe(shown);
  });

  it('prints every event as a line of JSON with --json', async () => {
    const { terminal, written } = fakeTerminal();
    await replaySession(command(await hello(), { json: true }), terminal);
    const [first, ...rest] = written.out.trim().split('\n');
    expect(JSON.parse(first!)).toEqual(said('Hello '));
    expect(rest).toHaveLength(2);
  });

  it('takes its time, and ends at once when it is interrupted', async () => {
    const { terminal, written, interrupt } = fakeTerminal();
    const text = header() + lines(received(0, said('a')), received(60_000, said('b')));
    const code = replaySession(command(await recorded(text), { speed: 1 }), terminal);
    await until(() => written.out.includes('a'));
    interrupt();
    expect(await code).toBe(0);
    expect(written.out.endsWith('‹ a\n')).toBe(true);
  });

  it('reads on only as fast as its output is read', async () => {
    const { terminal, written } = fakeTerminal();
    const long = lines(received(0, { type: 'x', threadId: null, payload: 'x'.repeat(100_000) }));
    const file = await recorded(header() + long.repeat(50));
    let waiting = 0;
    const slow = {
      ...terminal,
      out: (text: string) => {
        waiting += 2 ** 24;
        terminal.out(text);
      },
      waiting: () => waiting,
    };
    const code = replaySession(command(file, { json: true }), slow);
    await until(() => waiting > 2 ** 24);
    const some = written.out.length;
    expect(some).toBeLessThan(1_000_000);
    const reader = setInterval(() => (waiting = 0), 1);
    expect(await code).toBe(0);
    clearInterval(reader);
    expect(written.out.split('\n')).toHaveLength(51);
  });

  it('tells what cannot be read, on a line of its own', async () => {
    const { terminal, written } = fakeTerminal();
    const text = header() + lines(received(0, said('a')), received(1, 5));
    const file = await recorded(`${text}{"t":2,"di`);
    expect(await replaySession(command(file), terminal)).toBe(0);
    expect(written.err).toBe(
      'codex-rx: line 3: The frame is no envelope (not-an-object). It begins: 5\n' +
        'codex-rx: line 4: The last line of the recording is cut off.\n',
    );
    expect(written.out.endsWith('‹ a\n')).toBe(true);
  });

  it.each<[string, string]>([
    [`${header()}nonsense\n`, 'Line 2 of the recording is not JSON. It begins: nonsense'],
    ['', 'Line 1 of the recording is no header'],
    [header('codex-manager', { version: 9 }), 'Line 1 of the recording is of version 9'],
  ])('ends with 1 if the recording is damaged, here or served: %j', async (text, why) => {
    const file = await recorded(text);
    for (const port of [undefined, 0]) {
      const { terminal, written } = fakeTerminal();
      expect(await replaySession(command(file, { port }), terminal)).toBe(1);
      expect(written.err).toContain(`codex-rx: cannot replay ${file}: ${why}`);
      expect(written.out).toBe('');
    }
  });

  it('ends with 1 if there is no such file', async () => {
    const { terminal, written } = fakeTerminal();
    expect(await replaySession(command('none.jsonl'), terminal)).toBe(1);
    expect(written.err).toContain('codex-rx: cannot replay none.jsonl: ENOENT');
  });
});

describe('codex-rx replay --port', () => {
  /** Serves a recording: its url, and a client. */
  async function serve(file: string, more = {}) {
    const { terminal, written, interrupt } = fakeTerminal();
    const code = replaySession(command(file, { port: 0, ...more }), terminal);
    closables.push({
      close: () => {
        interrupt();
        return code;
      },
    });
    await until(() => written.out !== '');
    const url = /http:\S+/.exec(written.out)![0];
    const connect = async (options = {}) => {
      const stream = connectManager({ url, ...options });
      closables.push(stream);
      const events: Envelope[] = [];
      stream.events$.subscribe((event) => events.push(event));
      await stream.connect();
      return { stream, events };
    };
    return { code, url, connect, written, interrupt };
  }

  it('serves a session from its beginning to each client, through its filter', async () => {
    const file = await hello();
    const { connect, code, interrupt, written } = await serve(file);
    expect(written.out).toMatch(/^Serving .* as a codex-manager at http:\S+ until Ctrl-C\.\n$/);
    const all = await connect();
    await until(() => all.events.length === 3);
    expect(all.events[0]).toEqual(said('Hello '));
    await until(() => written.err.includes('client 1 got 3 events.'));
    const one = await connect({ threadId: 't2' });
    await until(() => one.events.length === 1);
    expect(one.events[0]).toMatchObject({ type: 'approval' });
    await until(() => written.err.includes('client 2 got 1 events.'));
    interrupt();
    expect(await code).toBe(0);
    expect(written.err).toBe(
      'codex-rx: client 1 has connected.\ncodex-rx: client 1 got 3 events.\n' +
        'codex-rx: client 2 has connected.\ncodex-rx: client 2 got 1 events.\n',
    );
  });

  it('serves a session of a codex app-server as a codex-manager would', async () => {
    const { connect } = await serve('spec/recordings/app-server/plain.jsonl');
    const { events } = await connect();
    const completed = ({ type }: Envelope) => type === 'app_server.turn.completed';
    await until(() => events.filter(completed).length === 3);
    expect(events[0]!.payload).toMatchObject({ source: 'app_server', signalType: 'notification' });
  });

  it('ends a replay with its client, and goes on for others', async () => {
    const text = header() + lines(received(0, said('a')), received(200, said('b')));
    const { connect, written } = await serve(await recorded(text), { speed: 1 });
    const { stream, events } = await connect();
    await until(() => events.length === 1);
    await stream.close();
    await until(() => written.err.includes('client 1 got 1 events.'));
    const second = await connect();
    await until(() => second.events.length === 2);
  });

  it('closes the connection of a client where the recording is damaged', async () => {
    const file = await recorded(`${header()}${lines(received(0, said('a')))}nonsense\n`);
    const { connect, written } = await serve(file);
    const { stream, events } = await connect({ reconnect: false });
    let reason: unknown = null;
    stream.status$.subscribe((status) => {
      if (status.state === 'closed') reason = status.error?.message;
    });
    await until(() => reason !== null);
    expect(reason).toContain('code 1011, "The recording is damaged."');
    expect(events).toEqual([said('a')]);
    expect(written.err).toContain('codex-rx: client 1: Line 3 of the recording is not JSON.');
  });

  it('ends with 1 if the port is taken', async () => {
    const server = await startStreamServer();
    closables.push(server);
    const { terminal, written } = fakeTerminal();
    const port = Number(new URL(server.url).port);
    expect(await replaySession(command(await hello(), { port }), terminal)).toBe(1);
    expect(written.err).toContain('EADDRINUSE');
  });
});
