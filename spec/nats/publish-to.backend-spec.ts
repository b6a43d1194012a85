import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectManager, type ManagerStream } from 'codex-rx';
import { publishTo, type Publisher, type PublisherOptions } from 'codex-rx/nats';
import {
  notification,
  startFaultProxy,
  startStreamServer,
  type StreamServer,
} from 'codex-rx/testing';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

let server: NatsServer;
let source: StreamServer;
let nc: NatsConnection;
const streams: ManagerStream[] = [];
const publishers: Publisher[] = [];

beforeEach(async () => {
  [server, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  nc = await server.connect();
});

afterEach(async () => {
  await Promise.all(publishers.splice(0).map((publisher) => publisher.close()));
  await Promise.all(streams.splice(0).map((stream) => stream.close()));
  await Promise.all([server.close(), source.close()]);
});

async function publish(
  options: Partial<PublisherOptions> = {},
  own: NatsConnection = nc,
): Promise<Publisher> {
  const stream = connectManager({ url: source.url, log: false, reconnect: { base: 20 } });
  streams.push(stream);
  const publisher = publishTo(own, stream, {
    tenant: 'acme',
    partitions: 4,
    ttl: 1_000,
    log: false,
    ...options,
  });
  publishers.push(publisher);
  await stream.connect();
  await publisher.ready;
  return publisher;
}

const say = (thread: string, n: number) => {
  source.send(notification('item/agentMessage/delta', { threadId: thread, delta: String(n) }));
};

/** Says something when nothing else is under way, and waits until it is stored. */
async function sayAlone(publisher: Publisher, n: number): Promise<void> {
  const { lastSeq } = publisher.status;
  say('a', n);
  await eventually(() => publisher.status.lastSeq > lastSeq && publisher.status.queued === 0);
}

/** Everything in the stream of the tenant, in order. */
async function stored(nc: NatsConnection): Promise<readonly StoredMsg[]> {
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info('CODEX_acme');
  const messages: StoredMsg[] = [];
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage('CODEX_acme', { seq });
    if (message) messages.push(message);
  }
  return messages;
}

const deltas = (messages: readonly StoredMsg[]): readonly number[] =>
  messages.flatMap((message) => {
    const { payload } = message.json<{ payload: { params?: { delta?: string } } }>();
    return payload.params?.delta === undefined ? [] : [Number(payload.params.delta)];
  });

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('publishTo', () => {
  it('stores each event once, in order, in the partition of its thread', async () => {
    const publisher = await publish();
    expect(publisher.status.role).toBe('leader');
    for (const n of numbers(500)) say(n % 2 ? 'a' : 'b', n);
    await eventually(() => publisher.status.lastSeq >= 500);
    const messages = await stored(nc);
    expect(deltas(messages)).toEqual(numbers(500));
    const subjects = new Set(messages.map(({ subject }) => subject));
    expect([...subjects].sort()).toEqual([
      'codex.acme.ev.0.a.app_server.item.agent_message.delta',
      'codex.acme.ev.1.b.app_server.item.agent_message.delta',
    ]);
  });

  it('stores all that came while the server was away, once and in order', async () => {
    const publisher = await publish();
    for (let n = 0; n < 3_000; n++) {
      say('a', n);
      if (n === 500) await server.kill();
      if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      if (n === 2_000) await server.restart();
    }
    await eventually(() => publisher.status.queued === 0 && publisher.status.lastSeq >= 3_000);
    expect(deltas(await stored(nc))).toEqual(numbers(3_000));
  });

  it('counts and announces what it had to drop', async () => {
    const publisher = await publish({ bound: 100 });
    await server.kill();
    for (const n of numbers(1_000)) say('a', n);
    source.send(notification('turn/completed', { threadId: 'a' }));
    // All have come: none of them takes the room of the last one later.
    await eventually(() => publisher.status.dropped + publisher.status.queued >= 1_001);
    await server.restart();
    await eventually(() => publisher.status.queued === 0);
    await sayAlone(publisher, 1_000);
    const messages = await stored(nc);
    expect(deltas(messages)).toContain(1_000);
    const markers = messages.filter(({ subject }) => subject === 'codex.acme.ev.0._.codex_rx.gap');
    const announced = markers.reduce(
      (sum, marker) => sum + marker.json<{ payload: { dropped: number } }>().payload.dropped,
      0,
    );
    expect(announced).toBe(publisher.status.dropped);
    expect(deltas(messages).length + announced).toBe(1_001);
    expect(messages.some(({ subject }) => subject.endsWith('turn.completed'))).toBe(true);
  });

  it('keeps no more than four times its bound, whatever comes, and announces the rest', async () => {
    const publisher = await publish({ bound: 100 });
    await server.kill();
    // None of these may be dropped before the others.
    const count = 5_000;
    let most = 0;
    for (let n = 0; n < count; n++) {
      source.send(notification('turn/completed', { threadId: 'a', turn: { id: String(n) } }));
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, publisher.status.queued);
    }
    await eventually(() => publisher.status.dropped + publisher.status.queued >= count);
    // The bound, and a gap marker for each of the four partitions.
    expect(Math.max(most, publisher.status.queued)).toBeLessThanOrEqual(400 + 4);
    await server.restart();
    await eventually(() => publisher.status.queued === 0);
    await sayAlone(publisher, 1);
    const messages = await stored(nc);
    expect(deltas(messages)).toContain(1);
    const ends = messages.filter(({ subject }) => subject.endsWith('turn.completed'));
    const announced = messages
      .filter(({ subject }) => subject === 'codex.acme.ev.0._.codex_rx.gap')
      .map((marker) => marker.json<{ payload: { dropped: number } }>().payload.dropped);
    const { dropped } = publisher.status;
    expect(ends.length + dropped).toBe(count);
    expect(announced.reduce((sum, next) => sum + next, 0)).toBe(dropped);
  });

  it('goes on with what waits when the server has its lease still, which it holds for lost', async () => {
    const proxy = await startFaultProxy({ target: { port: server.port } });
    const own = await server.connect({ servers: proxy.url.replace('http://', '') });
    // It keeps what waits, and nothing else that it could go on with.
    const publisher = await publish({ standby: false }, own);
    for (const n of numbers(20)) say('a', n);
    await eventually(() => publisher.status.lastSeq === 20);
    const lead = await new Kvm(nc).open('CODEX_acme_lead');
    const id = (await lead.get('leader'))?.string() ?? '';
    // Nothing comes through for now, and nothing is lost.
    proxy.set({ delay: 60_000 });
    // As a server whose clock is late.
    await eventually(async () => {
      await lead.put('leader', id);
      return publisher.status.role === 'standby';
    });
    for (const n of numbers(20)) say('a', 20 + n);
    await eventually(() => publisher.status.queued === 20);
    await lead.put('leader', id);
    proxy.set({ delay: 0 });
    await eventually(() => publisher.status.lastSeq === 40);
    expect(deltas(await stored(nc))).toEqual(numbers(40));
    await publisher.close();
    await own.close();
    await proxy.close();
  });

  it('refuses a stream that has another number of partitions', async () => {
    await publish();
    const stream = connectManager({ url: source.url, log: false });
    streams.push(stream);
    const other = publishTo(nc, stream, {
      tenant: 'acme',
      partitions: 8,
      log: false,
    });
    publishers.push(other);
    await expect(other.ready).rejects.toThrow('CODEX_acme has 4 partitions, not 8');
  });
});
