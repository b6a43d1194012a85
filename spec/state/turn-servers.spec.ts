import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, startTurn, watchTurn, type CodexStream } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { filter, firstValueFrom } from 'rxjs';
import { startFakeAppServer, startFakeManager, type FakeTurn } from 'codex-rx/testing';

const closables: { close(): Promise<unknown> }[] = [];

function closing<T extends { close(): Promise<unknown> }>(closable: T): T {
  closables.push(closable);
  return closable;
}

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
});

interface Stage {
  readonly stream: CodexStream;
  readonly threadId: string;
  turnStarted(): Promise<FakeTurn>;
  startTurn(threadId: string, text?: string): FakeTurn;
}

async function onAppServer(): Promise<Stage> {
  const server = closing(await startFakeAppServer());
  const stream = closing(connectAppServer({ url: server.url, log: false }));
  const { thread } = await stream.call('thread/start', {});
  return {
    stream,
    threadId: thread.id,
    turnStarted: () => server.turnStarted(),
    startTurn: (id, text) => server.startTurn(id, text),
  };
}

async function onManager(): Promise<Stage> {
  const server = closing(await startFakeManager());
  const stream = closing(connectManager({ url: server.url, log: false }));
  await stream.connect();
  return {
    stream,
    threadId: server.session(),
    turnStarted: () => server.turnStarted(),
    startTurn: (id, text) => server.startTurn(id, text),
  };
}

describe.each([
  ['codex app-server', onAppServer, true],
  ['codex-manager', onManager, null],
] as const)('on %s, a turn', (_, stage, delivered) => {
  test('is sent, answered and ended', async () => {
    const { stream, threadId, turnStarted } = await stage();
    const played = turnStarted();
    const turn = startTurn(stream, { threadId, input: 'Hi' });
    const { turnId, text, say, complete } = await played;
    say(`You said ${text}.`);
    complete();
    expect(await turn.ended).toEqual({
      status: 'completed',
      by: 'event',
      certain: true,
      delivered,
      error: null,
    });
    expect([turn.threadId, turn.turnId]).toEqual([threadId, turnId]);
    expect(await turn.answer).toBe('You said Hi.');
  });

  test('of another client is watched', async () => {
    const { stream, threadId, startTurn } = await stage();
    const { turnId, say, complete } = startTurn(threadId);
    const turn = watchTurn(stream, { threadId, turnId });
    say('Hi.');
    complete();
    expect(await turn.ended).toMatchObject({ status: 'completed', delivered: null });
    expect(await turn.answer).toBe('Hi.');
  });

  test('is interrupted', async () => {
    const { stream, threadId, turnStarted } = await stage();
    const played = turnStarted();
    const turn = startTurn(stream, { threadId, input: 'Hi' });
    await played;
    expect(await turn.interrupt()).toBe(true);
    expect(await turn.ended).toMatchObject({ status: 'interrupted', by: 'event' });
    expect(await turn.answer).toBeNull();
    expect(await turn.interrupt()).toBe(false);
  });

  test('is not sent while another one runs', async () => {
    const { stream, threadId, startTurn: begin } = await stage();
    begin(threadId);
    const { ended } = startTurn(stream, { threadId, input: 'Hi' });
    expect(await ended).toMatchObject({
      status: 'incomplete',
      by: 'send',
      delivered: false,
      error: { name: 'TurnError', kind: 'busy' },
    });
  });

  test('waits for the one that runs', async () => {
    const { stream, threadId, startTurn: begin, turnStarted } = await stage();
    const other = begin(threadId);
    const played = turnStarted();
    const turn = startTurn(stream, { threadId, input: 'Hi' }, { whenBusy: 'queue' });
    const activities = new Set<string>();
    turn.view$.subscribe(({ activity }) => activities.add(activity));
    setTimeout(other.complete, 50);
    const { turnId, complete } = await played;
    expect(other.signal.aborted).toBe(true);
    complete();
    expect(await turn.ended).toMatchObject({ status: 'completed', delivered });
    expect(turn.turnId).toBe(turnId);
    expect([...activities]).toEqual(['queued', 'running']);
  });

  test('goes into the one that runs', async () => {
    const { stream, threadId, startTurn: begin } = await stage();
    const other = begin(threadId);
    const turn = startTurn(stream, { threadId, input: 'Hi' }, { whenBusy: 'steer' });
    const texts = new Set<string>();
    await new Promise<void>((resolve) => {
      turn.view$.subscribe(({ items }) => {
        for (const item of items) {
          if (item.kind === 'userMessage') texts.add(JSON.stringify(item.content));
        }
        if ([...texts].some((text) => text.includes('"Hi"'))) resolve();
      });
    });
    other.say('Both.');
    other.complete();
    expect(await turn.ended).toMatchObject({ status: 'completed', delivered });
    expect(turn.turnId).toBe(other.turnId);
    expect(await turn.answer).toBe('Both.');
  });

  test('is steered', async () => {
    const { stream, threadId, turnStarted } = await stage();
    const played = turnStarted();
    const turn = startTurn(stream, { threadId, input: 'Hi' });
    const { complete } = await played;
    expect(await turn.steer('More')).toEqual({ delivered, error: null });
    complete();
    await turn.ended;
    expect(await turn.steer('Too late')).toMatchObject({ delivered: false });
  });

  test('ends with the stream', async () => {
    const { stream, threadId, turnStarted } = await stage();
    const played = turnStarted();
    const turn = startTurn(stream, { threadId, input: 'Hi' });
    await played;
    await stream.close();
    expect(await turn.ended).toMatchObject({ status: 'incomplete', by: 'closed', certain: false });
    expect(await startTurn(stream, { threadId, input: 'Hi' }).ended).toMatchObject({
      status: 'incomplete',
      by: 'closed',
    });
  });
});

describe('turns that wait', () => {
  test('are at most 8 of a thread, and begin in order', async () => {
    const { stream, threadId, startTurn: begin } = await onAppServer();
    const other = begin(threadId);
    const send = (n: number) =>
      startTurn(stream, { threadId, input: `message ${n}` }, { whenBusy: 'queue' });
    const turns = Array.from({ length: 10 }, (_, n) => send(n));
    expect(await turns[9]?.ended).toMatchObject({ by: 'send', error: { kind: 'full' } });
    expect(await turns[3]?.interrupt()).toBe(true);
    expect(await turns[3]?.ended).toMatchObject({ by: 'send', error: { kind: 'withdrawn' } });
    const order: number[] = [];
    turns.forEach((turn, n) => void turn.ended.then(({ by }) => by === 'event' && order.push(n)));
    other.complete();
    for (const turn of turns.slice(0, 2)) {
      await firstValueFrom(turn.view$.pipe(filter(({ items }) => items.length > 0)));
      await turn.interrupt();
    }
    await turns[1]?.ended;
    expect(order).toEqual([0, 1]);
  });
});

test('what a source cannot carry is a TypeError that names it', async () => {
  const { stream, threadId } = await onManager();
  const input = [{ type: 'image', url: 'data:,' }] as const;
  expect(() => startTurn(stream, { threadId, input })).toThrow(
    new TypeError('"input" must be text on codex-manager, not image.'),
  );
  expect(() => startTurn(stream, { threadId, input: 'Hi', effrt: 'low' } as never)).toThrow(
    new TypeError('"effrt" is not an option: did you mean "effort"?'),
  );
});
