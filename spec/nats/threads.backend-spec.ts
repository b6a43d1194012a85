import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectManager, forThread, type ManagerStream } from 'codex-rx';
import {
  consumeFrom,
  forgetThread,
  publishTo,
  replayThread,
  type Publisher,
  type ReplayOptions,
  type StoredEvent,
} from 'codex-rx/nats';
import { notification, startStreamServer, type StreamServer } from 'codex-rx/testing';
import { lastValueFrom, toArray } from 'rxjs';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

let server: NatsServer;
let source: StreamServer;
let stream: ManagerStream;
let publisher: Publisher;
let nc: NatsConnection;

/** Ids that would mix in subjects that are not escaped. */
const odd = ['a', 'a.b', '*', '>', 'a b', '_', 'ü', 'x'.repeat(3_000), 'x'.repeat(3_001), '\0'];

beforeAll(async () => {
  [server, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  stream = connectManager({ url: source.url, log: false });
  nc = await server.connect();
  publisher = publishTo(nc, stream, { tenant: 'acme', partitions: 4, ttl: 2_000, log: false });
  await stream.connect();
  await publisher.ready;
});

afterAll(async () => {
  await publisher.close();
  await stream.close();
  await Promise.all([server.close(), source.close()]);
});

const say = (threadId: string, delta: string) => {
  source.send(notification('item/agentMessage/delta', { threadId, delta }));
};

const textOf = ({ event }: StoredEvent): string =>
  (event.payload as { params: { delta: string } }).params.delta;

const replayed = (threadId: string, options: Partial<ReplayOptions> = {}) =>
  lastValueFrom(replayThread(nc, { tenant: 'acme', threadId, ...options }).pipe(toArray()));

const allStored = () => eventually(() => publisher.status.queued === 0);

describe('replayThread', () => {
  it('gives the events of one thread, in order, and of no other', async () => {
    for (let n = 0; n < 5; n++) odd.forEach((id, index) => say(id, `${index}:${n}`));
    await eventually(() => publisher.status.lastSeq >= odd.length * 5);
    for (const [index, id] of odd.entries()) {
      const events = await replayed(id);
      expect(events.map(textOf)).toEqual([0, 1, 2, 3, 4].map((n) => `${index}:${n}`));
      expect(events.every(({ event }) => event.threadId === id)).toBe(true);
    }
    const [first, second] = await replayed('a');
    const rest = await replayed('a', { after: first?.seq ?? 0 });
    expect(rest[0]?.seq).toBe(second?.seq);
    expect(await replayed('no such thread')).toEqual([]);
  });

  it('gives what a live worker saw of the thread, with the same numbers', async () => {
    const worker = consumeFrom(await server.connect(), {
      tenant: 'acme',
      group: 'live',
      log: false,
    });
    const live: (readonly [number | undefined, unknown])[] = [];
    worker.on(forThread('same'), (event, { seq }) => live.push([seq, event]));
    await worker.connect();
    for (let n = 0; n < 50; n++) say(n % 2 ? 'same' : 'another', String(n));
    await eventually(() => live.length === 25);
    await worker.close();
    const again = await replayed('same');
    const events = again.map(({ seq, event }) => [seq, { ...event, receivedAt: 0 }]);
    expect(events).toEqual(
      live.map(([seq, event]) => [seq, { ...(event as object), receivedAt: 0 }]),
    );
  });

  it('says that the server has removed what came after a number', async () => {
    for (let n = 0; n < 4; n++) say('kept', String(n));
    await allStored();
    await eventually(async () => (await replayed('kept')).length === 4);
    const [first, , third] = await replayed('kept');
    const after = first?.seq ?? 0;
    const whole = await replayed('kept', { after });
    expect(whole.map(({ afterGap }) => afterGap)).toEqual([false, false, false]);
    const jsm = await jetstreamManager(nc);
    await jsm.streams.purge('CODEX_acme', { seq: third?.seq ?? 0 });
    const rest = await replayed('kept', { after });
    expect(rest.map(({ afterGap }) => afterGap)).toEqual([true, false]);
  });

  it('goes on with what comes later, if it follows', async () => {
    const texts: string[] = [];
    const following = replayThread(nc, { tenant: 'acme', threadId: 'f', follow: true }).subscribe(
      (stored) => texts.push(textOf(stored)),
    );
    say('f', '1');
    await eventually(() => texts.length === 1);
    say('f', '2');
    await eventually(() => texts.length === 2);
    following.unsubscribe();
    expect(texts).toEqual(['1', '2']);
  });
});

describe('an event that is larger than a message may be', () => {
  it('is stored in parts, and put together for workers and replays', async () => {
    const worker = consumeFrom(await server.connect(), {
      tenant: 'acme',
      group: 'large',
      log: false,
    });
    const sizes: number[] = [];
    worker.events$.subscribe(({ payload }) => {
      sizes.push((payload as { params: { delta: string } }).params.delta.length);
    });
    await worker.connect();
    const large = 'x'.repeat(16 * 2 ** 20);
    say('large', large);
    say('large', 'small');
    await eventually(() => sizes.length === 2);
    await worker.close();
    expect(sizes).toEqual([large.length, 5]);
    const [event] = await replayed('large');
    expect(event && textOf(event) === large).toBe(true);
  });
});

describe('an event of which a part is gone', () => {
  it('is replaced by one that says so, for workers and replays, and what follows comes', async () => {
    say('cut', 'x'.repeat(3 * 2 ** 20));
    say('cut', 'small');
    await eventually(async () => (await replayed('cut')).length === 2);
    const jsm = await jetstreamManager(nc);
    const [large] = await replayed('cut');
    await jsm.streams.deleteMessage('CODEX_acme', (large?.seq ?? 0) - 1);
    const types = (await replayed('cut')).map(({ event }) => event.type);
    const expected = ['codex_rx.truncated', 'app_server.item.agent_message.delta'];
    expect(types).toEqual(expected);

    const from = { seq: large?.seq ?? 0 };
    const worker = consumeFrom(nc, { tenant: 'acme', group: 'cut', from, log: false });
    const seen: string[] = [];
    worker.on(forThread('cut'), ({ type }) => seen.push(type));
    await worker.connect();
    await eventually(() => seen.length === 2);
    await worker.close();
    expect(seen).toEqual(expected);
  });
});

describe('forgetThread', () => {
  it('leaves nothing of the thread, and all of the others', async () => {
    say('secret', 'x'.repeat(3 * 2 ** 20));
    say('secret', '2');
    say('other', '1');
    await eventually(() => publisher.status.queued === 0);
    await eventually(async () => (await replayed('other')).length === 1);
    // Two events, and at least 6 parts.
    expect(await forgetThread(nc, { tenant: 'acme', threadId: 'secret' })).toBeGreaterThanOrEqual(
      8,
    );
    expect(await replayed('secret')).toEqual([]);
    expect((await replayed('other')).map(textOf)).toEqual(['1']);
    say('secret', '3');
    await allStored();
    await eventually(async () => (await replayed('secret')).length === 1);
    expect((await replayed('secret')).map(textOf)).toEqual(['3']);
  });
});
