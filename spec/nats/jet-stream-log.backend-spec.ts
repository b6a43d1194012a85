import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectManager, ofAppServer, type Gap, type ManagerStream } from 'codex-rx';
import {
  feedLog,
  memoryLog,
  serveGateway,
  type Feed,
  type Gateway,
  type Log,
} from 'codex-rx/gateway';
import { jetStreamLog, type JetStreamLog, type JetStreamLogOptions } from 'codex-rx/nats';
import { notification, startStreamServer, type StreamServer } from 'codex-rx/testing';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

const delta = 'item/agentMessage/delta';

let server: NatsServer;
let nc: NatsConnection;
let source: StreamServer;
let closings: (() => unknown)[] = [];

beforeEach(async () => {
  [server, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  nc = await server.connect();
});

afterEach(async () => {
  for (const close of closings.reverse()) await close();
  closings = [];
  await Promise.all([server.close(), source.close()]);
});

const say = (from: number, to: number) => {
  for (let n = from; n < to; n++) {
    source.send(notification(delta, { threadId: `t${n % 3}`, delta: String(n) }));
  }
};

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => from + at);

const open = (options: Partial<JetStreamLogOptions> = {}): Promise<JetStreamLog> =>
  jetStreamLog(nc, { tenant: 'acme', log: false, ...options });

/** A gateway as its process has it: it ends with all that is in it. */
async function serve(log: Log, port = 0): Promise<{ feed: Feed; gateway: Gateway; http: Server }> {
  const stream = connectManager({ url: source.url, log: false, health: false });
  const feed = feedLog(stream, log);
  const http = createServer().listen(port, '127.0.0.1');
  await once(http, 'listening');
  const gateway = await serveGateway(feed, { server: http, token: 'secret' });
  await stream.connect();
  closings.push(() => http.close());
  closings.push(() => stream.close());
  closings.push(() => gateway.close());
  closings.push(() => {
    feed.close();
  });
  return { feed, gateway, http };
}

/** Ends a gateway as the end of its process does. */
async function end({ feed, gateway, http }: Awaited<ReturnType<typeof serve>>): Promise<void> {
  feed.close();
  await feed.stream.close();
  await gateway.close();
  await new Promise((resolve) => http.close(resolve));
}

/** What a client of a gateway hears. */
async function listen(port: number, url = `http://127.0.0.1:${port}`) {
  const client: ManagerStream = connectManager({
    url,
    token: 'secret',
    log: false,
    health: false,
    reconnect: { base: 20, cap: 100 },
  });
  closings.push(() => client.close());
  const heard: number[] = [];
  const gaps: Gap[] = [];
  client.on(ofAppServer(delta), ({ payload }) => heard.push(Number(payload.params.delta)));
  client.gaps$.subscribe((gap) => gaps.push(gap));
  await client.connect();
  return { client, heard, gaps };
}

const portOf = (http: Server) => (http.address() as AddressInfo).port;

/** A gateway whose log gets 90 deltas, and its client 50 of them; then its process ends. */
async function endUnheard(log: Log) {
  const first = await serve(log);
  const port = portOf(first.http);
  const { heard, gaps } = await listen(port);
  say(0, 50);
  await eventually(() => heard.length === 50);
  // The client is cut off before the rest is said.
  await first.gateway.close();
  await new Promise((resolve) => first.http.close(resolve));
  say(50, 90);
  await eventually(() => log.last === 90);
  await end(first);
  return { heard, gaps, port };
}

describe('a gateway whose log is in JetStream', () => {
  it('replays after its restart what a client had not got, by the same numbers', async () => {
    const log = await open();
    const { heard, gaps, port } = await endUnheard(log);
    await log.close();
    expect(await log.ended).toBe('closed');

    const again = await open();
    // That it was opened again takes a number too.
    expect([again.epoch, again.first, again.last]).toEqual([log.epoch, 1, 91]);
    await serve(again, port);
    await eventually(() => heard.length === 90);
    say(90, 100);
    await eventually(() => heard.length === 100);
    expect(heard).toEqual(numbers(0, 100));
    // The replay is complete, and the restart of the source's feed is announced apart from it.
    const replays = gaps.map(({ replay }) => [replay?.complete, replay?.reason]);
    expect(replays).toEqual([
      [true, null],
      [false, 'source'],
    ]);
  });

  it('a log in memory does not: its numbers are of another epoch', async () => {
    const { heard, gaps, port } = await endUnheard(memoryLog());
    await serve(memoryLog(), port);
    await eventually(() => gaps.length > 0);
    say(90, 100);
    await eventually(() => heard.length === 60);
    expect(heard).toEqual([...numbers(0, 50), ...numbers(90, 100)]);
    expect(gaps[0]?.replay).toMatchObject({ complete: false, reason: 'epoch' });
  });

  it('gives a client all that was said while NATS was away, once and in order', async () => {
    const { http } = await serve(await open());
    const { heard, gaps } = await listen(portOf(http));
    say(0, 20);
    await eventually(() => heard.length === 20);
    await server.kill();
    say(20, 200);
    await server.restart();
    await eventually(() => heard.length === 200);
    expect(heard).toEqual(numbers(0, 200));
    expect(gaps).toEqual([]);
  });

  it('reports a gap in the place of what did not fit while NATS was away', async () => {
    const log = await open({ bound: 50 });
    const { http } = await serve(log);
    const { heard, gaps } = await listen(portOf(http));
    say(0, 20);
    await eventually(() => heard.length === 20);
    await server.kill();
    say(20, 200);
    // All have come: none of them takes room later.
    await eventually(() => log.counts.dropped + log.counts.queued === 180);
    await server.restart();
    await eventually(() => gaps.length > 0);
    say(200, 210);
    await eventually(() => heard.includes(209));
    expect(heard).toEqual([...numbers(0, 20 + 50), ...numbers(200, 210)]);
    expect(log.counts.dropped).toBe(130);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.replay).toMatchObject({ complete: false, reason: 'source' });
  });

  it('cuts its clients off when another process has opened the log', async () => {
    const log = await open();
    const { http } = await serve(log);
    const { client, heard } = await listen(portOf(http));
    say(0, 5);
    await eventually(() => heard.length === 5);
    const other = await open();
    closings.push(() => other.close());
    let cuts = 0;
    client.gaps$.subscribe(() => cuts++);
    say(5, 6);
    expect(await log.ended).toBe('replaced');
    await eventually(() => cuts > 0);
    expect(other.last).toBe(6);
    const jsm = await jetstreamManager(nc);
    const { state } = await jsm.streams.info('CODEX_acme_log_gateway');
    // Five events, and two openings: the first one has no number.
    expect(state.last_seq).toBe(5 + 2);
  });
});

describe('a log in JetStream', () => {
  const record = (text: string, threadId: string | null = 't') => ({
    type: 'x',
    threadId,
    requestKey: null,
    at: 1,
    frame: Buffer.from(JSON.stringify({ type: 'x', threadId, payload: text })),
  });

  /** What a new process reads of it: nothing is in its memory. */
  async function readAll(): Promise<readonly (string | null)[]> {
    const log = await open();
    const all: (string | null)[] = [];
    for (let from = log.first; from <= log.last;) {
      const entries = await log.read(from, 256);
      if (entries.length === 0) break;
      for (const { seq, frame } of entries) {
        expect(seq).toBe(from++);
        const text = Buffer.from(frame).toString();
        all.push(text === '' ? null : (JSON.parse(text) as { payload: string }).payload);
      }
    }
    await log.close();
    return all;
  }

  it('stores a frame that is larger than the server takes, and names of any kind', async () => {
    const log = await open();
    const large = 'é'.repeat(2 ** 20);
    const odd = 'a.b*>ü\u{1f600}\ud800\n';
    log.append(record('small'));
    log.append(record(large, odd));
    log.append(record('after', odd));
    await eventually(() => log.counts.queued === 0);
    const last = (await log.read(log.last, 1))[0];
    await log.close();
    const texts = await readAll();
    expect(texts.filter((text) => text !== null)).toEqual(['small', large, 'after']);
    expect(texts.length).toBeGreaterThan(3);
    const reopened = await open();
    expect((await reopened.read(log.last, 1))[0]).toEqual({
      ...last,
      frame: expect.anything() as unknown,
    });
    expect(last?.threadId).toBe(odd);
    await reopened.close();
  });

  it('says that a frame is truncated of which a piece is gone', async () => {
    const log = await open();
    log.append(record('x'.repeat(3 * 2 ** 20), 'big'));
    await eventually(() => log.counts.queued === 0);
    await log.close();
    const jsm = await jetstreamManager(nc);
    await jsm.streams.deleteMessage('CODEX_acme_log_gateway', 3);
    const reopened = await open();
    const [entry] = await reopened.read(reopened.last - 1, 1);
    expect(entry).toMatchObject({ type: 'codex_rx.truncated', threadId: 'big' });
    await reopened.close();
  });

  it('keeps the numbers of what is removed from its midst, and moves on where its beginning is', async () => {
    const log = await open();
    for (const text of ['a', 'b', 'c', 'd']) log.append(record(text, text));
    await eventually(() => log.last === 4);
    await log.close();
    const jsm = await jetstreamManager(nc);
    await jsm.streams.deleteMessage('CODEX_acme_log_gateway', 3);
    // The second opening of the log has the number 5.
    expect(await readAll()).toEqual(['a', null, 'c', 'd', null]);
    await jsm.streams.purge('CODEX_acme_log_gateway', { seq: 4 });
    const reopened = await open();
    expect([reopened.first, reopened.last]).toEqual([3, 6]);
    expect(await reopened.read(1, 10)).toEqual([]);
    await reopened.close();
  });

  it('has another epoch when its stream was made anew', async () => {
    const { epoch, close } = await open();
    await close();
    const jsm = await jetstreamManager(nc);
    await jsm.streams.delete('CODEX_acme_log_gateway');
    const other = await open();
    expect(other.epoch).not.toBe(epoch);
    expect(other.last).toBe(0);
    await other.close();
  });

  it('refuses what is no option, and says what it could not open', async () => {
    await expect(open({ bound: 0 })).rejects.toThrow('"bound" must be 10 or more');
    await expect(open({ tenant: 'a.b' })).rejects.toThrow('"tenant" must be');
    await expect(open({ keep: { replicas: 3 } })).rejects.toMatchObject({
      name: 'NatsError',
      kind: 'setup',
      message: expect.stringContaining('CODEX_acme_log_gateway could not be opened') as unknown,
    });
  });
});
