import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectManager, ofAppServer, type CodexStream, type ManagerStream } from 'codex-rx';
import {
  consumeFrom,
  publishTo,
  type ConsumerOptions,
  type Publisher,
  type WorkerStream,
} from 'codex-rx/nats';
import { notification, startStreamServer, turn, type StreamServer } from 'codex-rx/testing';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

let server: NatsServer;
let source: StreamServer;
let stream: ManagerStream;
let publisher: Publisher;
let nc: NatsConnection;
const workers: WorkerStream[] = [];
let groups = 0;
let mode: 'one' | 'leased' = 'one';

beforeAll(async () => {
  [server, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  stream = connectManager({ url: source.url, log: false });
  nc = await server.connect();
  // A process that is frozen for longer than its lease, or than the server waits, does work twice.
  publisher = publishTo(nc, stream, { tenant: 'acme', partitions: 4, ttl: 3_000, log: false });
  await stream.connect();
  await publisher.ready;
});

afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.close())));

afterAll(async () => {
  await publisher.close();
  await stream.close();
  await Promise.all([server.close(), source.close()]);
});

async function worker(options: Partial<ConsumerOptions> = {}): Promise<WorkerStream> {
  const made = consumeFrom(await server.connect(), {
    tenant: 'acme',
    group: `g${groups}`,
    mode,
    ackWait: 5_000,
    retryDelays: [20, 40],
    reconnect: { base: 20, cap: 100 },
    log: false,
    ...options,
  });
  workers.push(made);
  return made;
}

const nextGroup = () => groups++;

const say = (threadId: string, text: string) => {
  source.send(notification('item/agentMessage/delta', { threadId, delta: text }));
};

const delta = ofAppServer('item/agentMessage/delta');

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(['one', 'leased'] as const)('workers of a group, in mode %s', (of) => {
  beforeAll(() => {
    mode = of;
  });

  it('share the events, and handle those of a thread in order', async () => {
    nextGroup();
    const seen: Record<string, string[]> = {};
    let most = 0;
    const busy = new Map<string, number>();
    const both = [await worker(), await worker()];
    const counts = both.map(() => 0);
    both.forEach((stream, index) => {
      stream.on(delta, async (event) => {
        const thread = event.threadId;
        counts[index] = (counts[index] ?? 0) + 1;
        if (event.payload.params.delta === 'first') return;
        busy.set(thread, (busy.get(thread) ?? 0) + 1);
        most = Math.max(most, busy.get(thread) ?? 0);
        await wait(1);
        busy.set(thread, (busy.get(thread) ?? 0) - 1);
        (seen[thread] ??= []).push(event.payload.params.delta);
      });
    });
    await Promise.all(both.map((stream) => stream.connect()));
    const threads = ['a', 'b', 'c', 'd', 'e'];
    await eventually(async () => {
      for (const thread of threads) say(thread, 'first');
      await wait(20);
      return Math.min(...counts) > 0;
    });
    for (let n = 0; n < 200; n++) say(threads[n % 5] as string, String(n));
    await eventually(() => threads.every((thread) => (seen[thread]?.length ?? 0) >= 40));
    for (const [index, thread] of threads.entries()) {
      expect(seen[thread]).toEqual(Array.from({ length: 40 }, (_, n) => String(n * 5 + index)));
    }
    expect(most).toBe(1);
  });

  it('try an event again whose handler failed, and then give it up, in order', async () => {
    nextGroup();
    const stream = await worker();
    const log: string[] = [];
    const dead: number[] = [];
    stream.deadLetters$.subscribe(({ deliveries }) => dead.push(deliveries));
    stream.router.errors$.subscribe();
    stream.on(delta, (event, { redelivered }) => {
      log.push(`${event.payload.params.delta}${redelivered ? ' again' : ''}`);
      if (event.payload.params.delta === '2') throw new Error('boom');
    });
    await stream.connect();
    for (const text of ['1', '2', '3']) say('a', text);
    await eventually(() => log.includes('3'));
    expect(log).toEqual(['1', '2', '2 again', '2 again', '3']);
    expect(dead).toEqual([3]);
  });

  it('handle the next event of a partition when all routes are done with the one before', async () => {
    nextGroup();
    const stream = await worker();
    const log: string[] = [];
    for (const route of ['x', 'y']) {
      stream.on(delta, async (event) => {
        log.push(`${route}${event.payload.params.delta} begins`);
        await wait(route === 'x' ? 5 : 30);
        log.push(`${route}${event.payload.params.delta} ends`);
      });
    }
    await stream.connect();
    say('a', '1');
    say('a', '2');
    await eventually(() => log.length === 8);
    expect(log.slice(0, 4)).toEqual(['x1 begins', 'y1 begins', 'x1 ends', 'y1 ends']);
  });

  it('run a handler once that takes far longer than the server waits', async () => {
    nextGroup();
    const [one, two] = [await worker({ ackWait: 1_500 }), await worker({ ackWait: 1_500 })];
    let runs = 0;
    let ends = 0;
    for (const stream of [one, two]) {
      stream.on(delta, async () => {
        runs++;
        await wait(4_000);
        ends++;
      });
      await stream.connect();
    }
    say('a', '1');
    await eventually(() => ends > 0);
    expect(runs).toBe(1);
  });

  it('finish what they handle before they are closed, and leave the rest to others', async () => {
    nextGroup();
    const [one, two] = [await worker(), await worker()];
    const log: string[] = [];
    one.on(delta, async (event) => {
      log.push(`one begins ${event.payload.params.delta}`);
      await wait(200);
      log.push(`one ends ${event.payload.params.delta}`);
    });
    two.on(delta, (event) => log.push(`two ${event.payload.params.delta}`));
    await one.connect();
    say('a', '1');
    say('a', '2');
    await eventually(() => log.length > 0);
    await one.close();
    await two.connect();
    await eventually(() => log.includes('two 2'));
    expect(log).toEqual(['one begins 1', 'one ends 1', 'two 2']);
  });

  it('learn that events were removed before they got them', async () => {
    nextGroup();
    const first = await worker();
    let handled = 0;
    first.on(delta, () => handled++);
    await first.connect();
    say('a', '1');
    await eventually(() => handled === 1);
    await first.close();
    const { lastSeq } = publisher.status;
    for (let n = 0; n < 10; n++) say('a', String(n));
    await eventually(() => publisher.status.lastSeq === lastSeq + 10);
    const jsm = await jetstreamManager(nc);
    await jsm.streams.purge('CODEX_acme', { seq: publisher.status.lastSeq });
    say('a', 'after');
    const second = await worker();
    const recoveries: boolean[] = [];
    second.gaps$.subscribe(({ recovery$ }) => {
      recovery$.subscribe(({ complete }) => recoveries.push(complete));
    });
    await second.connect();
    await eventually(() => recoveries.length > 0);
    expect(recoveries).toEqual([false]);
  });

  it('give the same results as one process, with the same code', async () => {
    nextGroup();
    const alone = connectManager({ url: source.url, log: false });
    const results: Record<string, string[]> = { alone: [], workers: [] };
    const install = (stream: CodexStream, into: string[] | undefined) =>
      stream.on(delta, ({ threadId, payload }) =>
        into?.push(`${threadId} ${payload.params.delta}`),
      );
    install(alone, results['alone']);
    await alone.connect();
    for (let n = 0; n < 3; n++) {
      const stream = await worker();
      install(stream, results['workers']);
      await stream.connect();
    }
    const turnOf = turn({ text: 'Hello, this is a longer text, in pieces.' });
    for (let n = 0; n < 20; n++) for (const event of turnOf) source.send(event);
    await eventually(() => (results['alone']?.length ?? 0) > 0);
    await eventually(() => results['workers']?.length === results['alone']?.length);
    await alone.close();
    expect(results['workers']).toEqual(results['alone']);
  });

  it('handle nothing twice in one process when the server was killed', async () => {
    nextGroup();
    const stream = await worker({ ackWait: 1_000 });
    const seen: number[] = [];
    stream.on(delta, (event) => seen.push(Number(event.payload.params.delta)));
    await stream.connect();
    for (let n = 0; n < 400; n++) {
      say('a', String(n));
      if (n % 10 === 0) await wait(2);
      if (n === 200) await server.kill();
      if (n === 300) await server.restart();
    }
    await eventually(() => seen.includes(399));
    expect(seen).toEqual(Array.from({ length: 400 }, (_, n) => n));
    await eventually(async () => (await stream.lag()).pending === 0);
  });
});
