import { afterEach, describe, expect, test } from '@jest/globals';
import {
  startFakeAppServer,
  startFakeManager,
  type FakeManager,
  type TurnScript,
} from 'codex-rx/testing';
import { readCommand } from '../../lib/cli/command.js';
import { run } from '../../lib/cli/run.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { until } from '../support/until.js';

const closables: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
});

async function start(turn: TurnScript): Promise<{ server: FakeManager; threadId: string }> {
  const server = await startFakeManager({ turn });
  closables.push(server);
  return { server, threadId: server.session() };
}

describe('codex-rx send', () => {
  test('shows what the agent writes, each message on a line of its own, and ends with 0', async () => {
    const { server, threadId } = await start((turn) => {
      turn.say(`You said ${turn.text}.`);
      turn.say('And \u001b[31mthat.');
    });
    const { terminal, written } = fakeTerminal();
    expect(await run(['send', server.url, '--thread', threadId, 'Hi'], terminal)).toBe(0);
    expect(written).toEqual({ out: 'You said Hi.\nAnd \\u001b[31mthat.\n', err: '' });
  });

  test('sends to codex app-server', async () => {
    const server = await startFakeAppServer({
      turn: (turn) => {
        turn.say(turn.text);
      },
    });
    closables.push(server);
    server.startTurn('the-thread').complete();
    const { terminal, written } = fakeTerminal();
    const args = ['send', server.url, '--app-server', '--thread', 'the-thread', 'Hi'];
    expect(await run(args, terminal)).toBe(0);
    expect(written.out).toBe('Hi\n');
  });

  test('ends with 3 if the turn fails', async () => {
    const { server, threadId } = await start((turn) => {
      turn.fail('no \u0007 model');
    });
    const { terminal, written } = fakeTerminal();
    expect(await run(['send', server.url, '--thread', threadId, 'Hi'], terminal)).toBe(3);
    expect(written.err).toBe('codex-rx: the turn failed: no \\u0007 model\n');
  });

  test('ends with 4 if it is interrupted', async () => {
    const { server, threadId } = await start(async ({ threadId: id }) => {
      await fetch(`${server.url}/api/sessions/${id}/interrupt`, { method: 'POST', body: '{}' });
    });
    const { terminal, written } = fakeTerminal();
    expect(await run(['send', server.url, '--thread', threadId, 'Hi'], terminal)).toBe(4);
    expect(written.err).toBe('codex-rx: the turn was interrupted\n');
  });

  test('ends with 5 if the thread is busy, and says what to do', async () => {
    const { server, threadId } = await start(() => undefined);
    server.startTurn(threadId);
    const { terminal, written } = fakeTerminal();
    expect(await run(['send', server.url, '--thread', threadId, 'Hi'], terminal)).toBe(5);
    expect(written.err).toMatch(/^codex-rx: the message was not delivered: Another turn of thread/);
  });

  test('waits for its turn with --queue, and says so', async () => {
    const { server, threadId } = await start((turn) => {
      turn.say('Now.');
    });
    const other = server.startTurn(threadId);
    const { terminal, written } = fakeTerminal();
    const code = run(['send', server.url, '--queue', '--thread', threadId, 'Hi'], terminal);
    await until(() => written.err !== '');
    other.complete();
    expect(await code).toBe(0);
    expect(written).toEqual({ out: 'Now.\n', err: 'codex-rx: waits for its turn\n' });
  });

  test('ends with 5 on Ctrl-C, and the turn goes on', async () => {
    const { server, threadId } = await start(() => new Promise(() => undefined));
    const { terminal, written, interrupt } = fakeTerminal();
    const started = server.turnStarted();
    const code = run(['send', server.url, '--thread', threadId, 'Hi'], terminal);
    const { signal } = await started;
    interrupt();
    expect(await code).toBe(5);
    expect(written.err).toMatch(/^codex-rx: the end of the turn is not known \(closed\)/);
    expect(signal.aborted).toBe(false);
  });

  test('ends with 1 without a server', async () => {
    const { terminal, written } = fakeTerminal();
    expect(await run(['send', 'http://127.0.0.1:1', '--thread', 't', 'Hi'], terminal)).toBe(1);
    expect(written.err).toMatch(/^codex-rx: cannot send to http:\/\/127.0.0.1:1/);
  });

  test.each([
    [['send', 'http://x', '--thread', 't'], 'send takes one url and one text.'],
    [['send', 'http://x', 'Hi'], 'send needs --thread.'],
    [
      ['send', 'http://x', 'Hi', '--thread', 't', '--queue', '--steer'],
      'send takes --queue or --steer.',
    ],
  ])('%s is wrong usage', (args, message) => {
    expect(() => readCommand(args)).toThrow(message);
  });
});
