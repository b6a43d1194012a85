import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, createThreadFold, ofAppServer, type CodexStream } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, startFakeManager } from 'codex-rx/testing';
import { firstValueFrom } from 'rxjs';
import { stateSource } from '../../lib/state/sources.js';

const closables: { close(): Promise<unknown> }[] = [];

function closing<T extends { close(): Promise<unknown> }>(closable: T): T {
  closables.push(closable);
  return closable;
}

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
});

/** The error that a snapshot fails with, as state sees it. */
const faultOf = (stream: CodexStream, threadId: string) => {
  const source = stateSource(stream);
  return firstValueFrom(source.readSnapshot(threadId)).then(
    () => null,
    (error: unknown) => source.faultOf(error),
  );
};

/** What a snapshot alone folds to: the turns, and the texts of their items. */
async function snapshotOf(stream: CodexStream, threadId: string) {
  const fold = createThreadFold(threadId, { freeze: true });
  fold.merge(await firstValueFrom(stateSource(stream).readSnapshot(threadId)), 0);
  return fold.view().turns.map(({ id, status, items }) => [id, status, items.map((i) => i.text)]);
}

const stored = [['turn-1', 'completed', ['', 'You said Hi']]];

describe('a snapshot of codex app-server', () => {
  const start = async () => {
    const server = closing(
      await startFakeAppServer({
        turn: (turn) => {
          turn.say(`You said ${turn.text}`);
        },
      }),
    );
    const stream = closing(connectAppServer({ url: server.url, log: false }));
    return { server, stream };
  };

  test('lists the turns, and lets the events of the thread follow', async () => {
    const { server, stream } = await start();
    const first = closing(connectAppServer({ url: server.url }));
    const { thread } = await first.call('thread/start', {});
    const ended = firstValueFrom(first.events$.pipe(ofAppServer('turn/completed')));
    const input = [{ type: 'text' as const, text: 'Hi', text_elements: [] }];
    await first.call('turn/start', { threadId: thread.id, input });
    await ended;
    expect(await snapshotOf(stream, thread.id)).toEqual(stored);
    const heard = firstValueFrom(stream.events$.pipe(ofAppServer('item/agentMessage/delta')));
    server.startTurn(thread.id).say('again');
    await heard;
  });

  test.each([
    [-32601, 'list_turns is not supported yet', 'not stored'],
    [-32600, 'no rollout found for thread id x', 'not stored'],
    [-32600, 'invalid thread id', 'failed'],
    [-32603, 'internal error', 'failed'],
  ])('fails with %d %s as %s', async (code, message, fault) => {
    const { server, stream } = await start();
    server.handle('thread/resume', () => ({ error: { code, message } }));
    expect(await faultOf(stream, 'x')).toBe(fault);
  });
});

describe('a snapshot of codex-manager', () => {
  const start = async () => {
    const server = closing(await startFakeManager());
    const stream = closing(connectManager({ url: server.url, log: false }));
    return { server, stream };
  };

  test('lists the items of the transcript', async () => {
    const { server, stream } = await start();
    const threadId = server.session();
    const turn = server.startTurn(threadId, 'Hi');
    turn.say('You said Hi');
    turn.complete();
    expect(await snapshotOf(stream, threadId)).toEqual(stored);
  });

  test('fails as gone when the session was deleted, and otherwise as failed', async () => {
    const { server, stream } = await start();
    expect(await faultOf(stream, 'unknown')).toBe('failed');
    const threadId = server.session();
    await fetch(`${server.url}/api/sessions/${threadId}`, { method: 'DELETE' });
    expect(await faultOf(stream, threadId)).toBe('gone');
  });
});

test('a stream of neither source is refused', () => {
  expect(() => stateSource({} as CodexStream)).toThrow(
    new TypeError('State is read from a stream of connectManager or connectAppServer.'),
  );
});
