import { afterEach, describe, expect, it } from '@jest/globals';
import {
  envelope,
  notification,
  request,
  startStreamServer,
  type StreamServer,
} from 'codex-rx/testing';
import { tail } from '../../lib/cli/tail.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { until } from '../support/until.js';

const servers: StreamServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const ids = { threadId: 't1', turnId: 'u1' };
const item = (members: object) => ({ ...ids, item: members as never });
const started = (members: object) => notification('item/started', item(members));
const completed = (members: object) => notification('item/completed', item(members));
const command = {
  type: 'commandExecution',
  id: 'c1',
  command: 'npm test',
  cwd: '/',
  status: 'inProgress',
  aggregatedOutput: null,
  exitCode: null,
  durationMs: null,
  commandActions: [],
};
const turn = (type: 'turn/started' | 'turn/completed', status: string, whose = ids) =>
  notification(type, {
    threadId: whose.threadId,
    turn: { id: whose.turnId, status, items: [] },
  });

// eslint-disable-next-line no-control-regex
const control = /(\n|\u001b\[\d*[AJ])/;

/** What a terminal shows that has been written this, with cursor movements. */
function screenOf(written: string): readonly string[] {
  let rows: string[] = [];
  let last = '';
  for (const part of written.split(control)) {
    const up = /\[(\d+)A$/.exec(part);
    if (up) rows = rows.slice(0, -Number(up[1]));
    else if (part === '\n') {
      rows.push(last);
      last = '';
    } else if (!part.endsWith('[J')) last += part;
  }
  return [...rows, last]
    .filter((row) => row !== '')
    .map((row) => row.replace(/^ +([\d.]+s|⋯) +/, ''));
}

/** A tail in a terminal of 80 columns. */
async function watch(thread?: string) {
  const server = await startStreamServer();
  servers.push(server);
  const { terminal, written, interrupt } = fakeTerminal(false, 80);
  const code = tail({ name: 'tail', url: server.url, thread, prefixes: [], json: false }, terminal);
  const socket = await server.connected();
  const screen = () => screenOf(written.out);
  server.send(turn('turn/started', 'inProgress'));
  const shows = (text: string) => until(() => screen().some((row) => row.includes(text)));
  const end = async () => {
    interrupt();
    return code;
  };
  return { server, socket, written, screen, shows, end };
}

describe('codex-rx tail in a terminal', () => {
  it('draws text in its place, and writes it once when it is over', async () => {
    const { server, screen, shows, written, end } = await watch();
    server.send(started({ type: 'agentMessage', id: 'm1', text: '' }));
    for (const delta of ['Hello ', 'there', '.']) {
      server.send(notification('item/agentMessage/delta', { ...ids, itemId: 'm1', delta }));
      await shows('Hello');
    }
    await shows('Hello there.');
    expect(screen()).toEqual(['t1     u1      ● turn started', 't1     u1      ‹ Hello there.']);
    server.send(completed({ type: 'agentMessage', id: 'm1', text: 'Hello there.' }));
    server.send(turn('turn/completed', 'completed'));
    await shows('turn completed');
    expect(await end()).toBe(0);
    expect(screen()).toEqual([
      't1     u1      ● turn started',
      't1     u1      ‹ Hello there.',
      't1     u1      ■ turn completed',
    ]);
    expect(written.err).toBe('');
  });

  it('shows a command as it runs, and then how it ended and how long it took', async () => {
    const { server, screen, shows, end } = await watch();
    server.send(started(command));
    server.send(
      notification('item/commandExecution/outputDelta', {
        ...ids,
        itemId: 'c1',
        delta: 'one\ntwo\n',
      }),
    );
    await shows('two');
    expect(screen().at(-1)).toMatch(/^t1 {5}u1 {6}\$ npm test {2}running \d\.\d s {2}two$/);
    server.send(
      completed({
        ...command,
        status: 'failed',
        exitCode: 3,
        durationMs: 65_000,
        aggregatedOutput: 'one\ntwo\nthree\n',
      }),
    );
    await shows('failed');
    await end();
    expect(screen().slice(1)).toEqual([
      't1     u1      $ npm test  failed with 3, 1 min 5 s',
      ...['one', 'two', 'three'].map((line) => ' '.repeat(26) + line),
    ]);
  });

  it('shows how long a request waits, and what became of it', async () => {
    const { server, screen, shows, end } = await watch();
    server.send(
      request(
        'item/commandExecution/requestApproval',
        { ...ids, itemId: 'c1', command: 'rm -r build' },
        { id: 7 },
      ),
    );
    server.send(started(command));
    await shows('waits');
    expect(screen().join('\n')).toMatch(/\? waits \d\.\d s {2}request 7: rm -r build$/m);
    server.send(
      envelope(
        'approval_resolved',
        { status: 'resolved', decision: 'accept' },
        { ...ids, requestId: 7 },
      ),
    );
    await shows('after');
    await end();
    expect(screen().join('\n')).toMatch(
      /! request 7: rm -r build {2}answered elsewhere: accept\s+after \d\.\d s/,
    );
    expect(screen().join('\n')).not.toContain('waits');
  });

  it('indents sub-agents under the thread that began them', async () => {
    const { server, screen, shows, end } = await watch();
    const child = { threadId: 'kid', turnId: 'k1' };
    server.send(
      completed({
        type: 'subAgentActivity',
        id: 's1',
        kind: 'started',
        agentThreadId: 'kid',
        agentPath: '/root/kid',
      }),
    );
    await shows('sub-agent');
    server.send(turn('turn/started', 'inProgress', child));
    server.send(
      notification('item/completed', {
        ...child,
        item: { type: 'agentMessage', id: 'm', text: 'Hi.' } as never,
      }),
    );
    await shows('Hi.');
    await end();
    expect(screen()).toEqual([
      't1     u1      ● turn started',
      't1     u1      ↳ sub-agent /root/kid  started',
      'kid    k1        ● turn started',
      'kid    k1        ‹ Hi.',
    ]);
  });

  it('escapes what an agent wrote, in what goes on and in what is over', async () => {
    const { server, written, shows, end } = await watch();
    const evil = 'a\u001b[2Jb';
    server.send(started({ ...command, command: evil }));
    await shows('running');
    server.send(completed({ ...command, command: evil, status: 'completed', exitCode: 0 }));
    await shows('completed');
    await end();
    expect(written.out).not.toContain('\u001b[2J');
  });

  it('keeps what goes on out of the way of a note, and draws it again', async () => {
    const { server, socket, screen, written, shows, end } = await watch();
    server.send(started(command));
    await shows('running');
    socket.sendRaw('{');
    await until(() => written.err !== '');
    await shows('running');
    server.send(completed({ ...command, status: 'completed', exitCode: 0, durationMs: 5 }));
    await shows('completed');
    await end();
    expect(screen()).toEqual([
      't1     u1      ● turn started',
      't1     u1      $ npm test  completed, 0.0 s',
    ]);
  });
});
