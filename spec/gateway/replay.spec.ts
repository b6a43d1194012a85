import { describe, expect, test } from '@jest/globals';
import {
  connectManager,
  ofAppServer,
  threadState,
  type Gap,
  type ManagerStream,
  type Recovery,
} from 'codex-rx';
import { feedLog, memoryLog, serveGateway, type MemoryLogOptions } from 'codex-rx/gateway';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, startStreamServer } from 'codex-rx/testing';
import { filter, firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { until } from '../support/until.js';
import { bearer, clientOf, closeLater, serve, token, type Stage } from './stage.js';

const delta = 'item/agentMessage/delta';

/** A gateway in front of a source that says numbers. */
async function speaking(bounds: MemoryLogOptions = {}) {
  const server = await startStreamServer();
  closeLater(() => server.close());
  const source = connectManager({
    url: server.url,
    health: false,
    resync: false,
    reconnect: { base: 1, cap: 5 },
    random: () => 0,
  });
  const stage = await serve(source, {}, bounds);
  let said = 0;
  return {
    ...stage,
    server,
    /** Says the next numbers, and waits until the log has them. */
    async say(count: number) {
      const until_ = stage.feed.log.last + count;
      for (let at = 0; at < count; at++) {
        const params = { threadId: 't', turnId: 'u', itemId: 'i', delta: String(said++) };
        const payload = { source: 'app_server', signalType: 'notification', method: delta, params };
        server.send({
          type: 'app_server.item.agent_message.delta',
          threadId: 't',
          payload,
        } as never);
      }
      await until(() => stage.feed.log.last >= until_);
    },
  };
}

/** The numbers that a stream brings, and its gaps. */
function listen(stream: ManagerStream) {
  const numbers: number[] = [];
  const seqs: (number | undefined)[] = [];
  const gaps: Gap[] = [];
  const recoveries: Recovery[] = [];
  stream.on(ofAppServer(delta), ({ payload }, { seq }) => {
    numbers.push(Number(payload.params.delta));
    seqs.push(seq);
  });
  stream.gaps$.subscribe((gap) => {
    gaps.push(gap);
    gap.recovery$.subscribe((recovery) => recoveries.push(recovery));
  });
  return { numbers, seqs, gaps, recoveries };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

const isAway = (stream: ManagerStream) =>
  firstValueFrom(stream.status$.pipe(filter(({ state }) => state === 'waiting')));

const cut = ({ gateway }: Stage) => {
  gateway.revoke(() => true);
};

describe('a client that was away', () => {
  test('gets what it missed, in order and once, after a gap that says so', async () => {
    const stage = await speaking();
    const client = clientOf(stage.gateway, { reconnect: { base: 200 }, random: () => 1 });
    const heard = listen(client);
    await client.connect();
    await stage.say(5);
    await until(() => heard.numbers.length === 5);
    const away = isAway(client);
    cut(stage);
    await away;
    await stage.say(7);
    await until(() => heard.numbers.length === 12);
    await stage.say(1);
    await until(() => heard.numbers.length === 13);
    expect(heard.numbers).toEqual(range(0, 13));
    expect(heard.seqs).toEqual(range(1, 14));
    expect(heard.gaps.map(({ replay }) => replay)).toEqual([
      { events: 7, complete: true, reason: null },
    ]);
    expect(heard.recoveries).toEqual([
      { recovered: [], complete: true, error: null, restarted: false, replayed: 7 },
    ]);
  });

  test('keeps its place though nothing of its thread was said: a pong says how far it is', async () => {
    const stage = await speaking({ events: 50 });
    const client = clientOf(stage.gateway, { threadId: 'other', heartbeat: { interval: 50 } });
    const heard = listen(client);
    await client.connect();
    let seq = 0;
    client.control$.subscribe((frame) => {
      if (frame.type === 'pong') seq = frame.seq ?? 0;
    });
    await stage.say(200);
    await until(() => seq === 200);
    cut(stage);
    await until(() => heard.recoveries.length === 1);
    expect(heard.gaps[0]!.replay).toMatchObject({ complete: true });
  });

  test('longer than the log remembers gets what there is, and an honest gap', async () => {
    const stage = await speaking({ events: 10 });
    const client = clientOf(stage.gateway, { reconnect: { base: 200 }, random: () => 1 });
    const heard = listen(client);
    await client.connect();
    await stage.say(3);
    await until(() => heard.numbers.length === 3);
    const away = isAway(client);
    cut(stage);
    await away;
    await stage.say(20);
    await until(() => heard.numbers.at(-1) === 22);
    expect(heard.numbers).toEqual([0, 1, 2, ...range(13, 23)]);
    expect(heard.gaps[0]!.replay).toEqual({ events: 10, complete: false, reason: 'log' });
  });

  test('while the gateway was another one gets nothing, and an honest gap', async () => {
    const stage = await speaking();
    const client = clientOf(stage.gateway, { reconnect: { base: 50 }, random: () => 1 });
    const heard = listen(client);
    await client.connect();
    await stage.say(3);
    await until(() => heard.numbers.length === 3);
    const port = Number(new URL(stage.gateway.url).port);
    await stage.gateway.close();
    await stage.say(3);
    const next = await serveGateway(feedLog(stage.source, memoryLog()), { token, port });
    closeLater(() => next.close());
    await until(() => heard.gaps.length > 0);
    expect(heard.gaps[0]!.replay).toEqual({ events: 0, complete: false, reason: 'epoch' });
  });

  test('while the gateway restarted loses nothing: the feed outlives the server', async () => {
    const stage = await speaking();
    const client = clientOf(stage.gateway, { reconnect: { base: 20 }, random: () => 1 });
    const heard = listen(client);
    await client.connect();
    await stage.say(3);
    const port = Number(new URL(stage.gateway.url).port);
    await stage.gateway.close();
    await stage.say(4);
    const next = await serveGateway(stage.feed, { token, port });
    closeLater(() => next.close());
    await until(() => heard.numbers.length === 7);
    expect(heard.numbers).toEqual(range(0, 7));
    expect(heard.gaps[0]!.replay).toMatchObject({ complete: true });
  });
});

describe('a gap of the source', () => {
  test('is a gap of the client, whose connection stays', async () => {
    const stage = await speaking();
    const client = clientOf(stage.gateway);
    const heard = listen(client);
    await client.connect();
    await stage.say(1);
    const isBack = firstValueFrom(stage.source.gaps$);
    for (const socket of stage.server.sockets) socket.terminate();
    await isBack;
    await stage.say(1);
    await until(() => heard.numbers.length === 2 && heard.recoveries.length === 1);
    expect(heard.gaps).toMatchObject([
      { connection: 1, replay: { events: 0, complete: false, reason: 'source' } },
    ]);
    expect(client.metrics().malformed).toBe(0);
  });

  test('is written when a feed begins on a log that has entries', async () => {
    const { log } = (await speaking()).feed;
    log.append({ type: 'x', threadId: null, requestKey: null, at: 0, frame: Buffer.from('{}') });
    const before = log.last;
    const server = await startStreamServer();
    closeLater(() => server.close());
    const source = connectManager({ url: server.url });
    closeLater(() => source.close());
    feedLog(source, log);
    const entries = await log.read(before + 1, 9);
    expect(entries.map(({ type }) => type)).toEqual(['gateway.gap', 'gateway.recovered']);
  });
});

describe('threadState through a gateway', () => {
  async function codex() {
    const server = await startFakeAppServer();
    closeLater(() => server.close());
    const source = connectAppServer({ url: server.url });
    const stage = await serve(source);
    const { thread } = await source.call('thread/start', {});
    return { ...stage, server, threadId: thread.id };
  }

  test('of a thread that is opened in mid-turn has the whole text', async () => {
    const { server, gateway, feed, threadId } = await codex();
    const turn = server.startTurn(threadId, 'go');
    const item = { id: 'm', type: 'agentMessage', text: '', phase: null, completedAtMs: null };
    turn.notify('item/started', { item, startedAtMs: 1 });
    const say = (text: string) => {
      turn.notify(delta, { itemId: 'm', delta: text });
    };
    for (const text of ['one ', 'two ', 'three ']) say(text);
    const { log } = feed;
    const before = log.last;
    await until(() => log.last > before + 3);
    const client = clientOf(gateway);
    const texts: string[] = [];
    threadState(client, threadId).subscribe(({ turns }) => {
      const found = turns.flatMap(({ items }) => items).find(({ id }) => id === 'm');
      texts.push(String(found?.text));
    });
    await until(() => texts.includes('one two three '));
    say('four');
    await until(() => texts.includes('one two three four'));
    expect(
      texts.filter((text) => text !== 'undefined' && !text.startsWith('one two three')),
    ).toEqual([]);
  });

  test('marks nothing as incomplete after a gap that was replayed', async () => {
    const stage = await codex();
    const { server, gateway, threadId } = stage;
    const client = clientOf(gateway);
    const turn = server.startTurn(threadId, 'go');
    const item = { id: 'm', type: 'agentMessage', text: '', phase: null, completedAtMs: null };
    let state: { gaps: readonly unknown[]; text: string; incomplete: boolean } | undefined;
    threadState(client, threadId).subscribe(({ turns, gaps }) => {
      const found = turns.flatMap(({ items }) => items).find(({ id }) => id === 'm');
      state = { gaps, text: found?.text ?? '', incomplete: found?.incomplete ?? false };
    });
    await until(() => state !== undefined);
    turn.notify('item/started', { item, startedAtMs: 1 });
    const say = (text: string) => {
      turn.notify(delta, { itemId: 'm', delta: text });
    };
    say('one ');
    await until(() => state?.text === 'one ');
    const gap = firstValueFrom(client.gaps$);
    cut(stage);
    say('two');
    await (await gap).recovery$.forEach(() => undefined);
    await until(() => state?.text === 'one two');
    expect(state).toEqual({ gaps: [], text: 'one two', incomplete: false });
  });
});

describe('server-sent events', () => {
  test('begin with ready, and go on after the last id', async () => {
    const stage = await speaking();
    const url = `${stage.gateway.url}/api/events`;
    const read = async (lastId: string | null, count: number) => {
      const abort = new AbortController();
      const headers = { ...bearer, ...(lastId !== null && { 'last-event-id': lastId }) };
      const reply = await fetch(`${url}?threadId=t`, { headers, signal: abort.signal });
      let text = '';
      const decoder = new TextDecoder();
      const messages = () =>
        text
          .split('\n\n')
          .slice(0, -1)
          .map((message) => ({
            id: /^id: (.*)$/m.exec(message)?.[1] ?? '',
            type: /^event: (.*)$/m.exec(message)?.[1] ?? 'message',
            data: JSON.parse(/^data: (.*)$/m.exec(message)?.[1] ?? 'null') as never,
          }));
      for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        if (messages().filter(({ type }) => type === 'message').length >= count) break;
      }
      abort.abort();
      return messages();
    };
    const first = read(null, 3);
    await until(() => stage.gateway.clients === 1);
    await stage.say(3);
    const [ready, ...events] = await first;
    expect(ready).toMatchObject({ type: 'ready', data: { gateway: { answers: true } } });
    const { epoch } = stage.feed.log;
    expect(events.map(({ id }) => id)).toEqual([1, 2, 3].map((seq) => `${epoch}:${seq}`));
    await stage.say(2);
    const again = await read(events[1]!.id, 3);
    expect(again.filter(({ type }) => type === 'message').map(({ id }) => id)).toEqual(
      [3, 4, 5].map((seq) => `${epoch}:${seq}`),
    );
  });
});

test('a client without numbers gets none, byte for byte', async () => {
  const stage = await speaking();
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/api/stream`, {
    headers: bearer,
  });
  const frames: string[] = [];
  socket.on('message', (data: Buffer) => frames.push(data.toString()));
  await until(() => frames.length === 1);
  await stage.say(1);
  await until(() => frames.length === 2);
  expect(frames[0]).toBe('{"type":"ready","threadId":null}');
  expect(Object.keys(JSON.parse(frames[1]!) as object)).toEqual(['type', 'threadId', 'payload']);
  socket.terminate();
});
