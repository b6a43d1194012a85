import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connectManager, ofAppServer, type ManagerStream } from 'codex-rx';
import {
  consumeFrom,
  publishTo,
  type ConsumerOptions,
  type Publisher,
  type WorkerStream,
} from 'codex-rx/nats';
import {
  notification,
  startFaultProxy,
  startStreamServer,
  type FaultProxy,
  type StreamServer,
} from 'codex-rx/testing';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

let server: NatsServer;
let source: StreamServer;
let stream: ManagerStream;
let publisher: Publisher;
let proxy: FaultProxy;
let groups = 0;
let workers: WorkerStream[] = [];
/** What workers have begun: each event by its thread and text, with the worker that has it. */
let begun: { readonly by: string; readonly text: string; readonly again: boolean }[] = [];

/** A thread in each of the partitions. */
const threads = ['a', 'b', 'c', 'd'];

beforeAll(async () => {
  [server, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  proxy = await startFaultProxy({ target: { port: server.port } });
  stream = connectManager({ url: source.url, log: false });
  const options = { tenant: 'acme', partitions: 4, ttl: 2_000, log: false } as const;
  publisher = publishTo(await server.connect(), stream, options);
  await stream.connect();
  await publisher.ready;
});

beforeEach(() => {
  groups++;
  begun = [];
});

afterEach(async () => {
  proxy.set({ stall: false });
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
});

afterAll(async () => {
  await publisher.close();
  await stream.close();
  await Promise.all([proxy.close(), source.close()]);
  await server.close();
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const delta = ofAppServer('item/agentMessage/delta');

interface WorkerOptions extends Partial<ConsumerOptions> {
  /** How long its handler takes, in ms, or what it waits for. */
  readonly work?: number | Promise<void>;
  /** Whether its connection to NATS goes through the proxy. */
  readonly isBehindProxy?: boolean;
}

/** A worker that notes what it begins. */
async function worker(
  by: string,
  { work = 0, isBehindProxy = false, ...options }: WorkerOptions = {},
): Promise<WorkerStream> {
  const servers = { servers: proxy.url.replace('http://', '') };
  const nc = await server.connect(isBehindProxy ? servers : {});
  const made = consumeFrom(nc, {
    tenant: 'acme',
    group: `g${groups}`,
    mode: 'leased',
    reconnect: { base: 20, cap: 100 },
    log: false,
    ...options,
  });
  workers.push(made);
  made.on(delta, async ({ threadId, payload }, { redelivered = false }) => {
    begun.push({ by, text: `${threadId}${payload.params.delta}`, again: redelivered });
    if (work !== 0) await (typeof work === 'number' ? wait(work) : work);
  });
  await made.connect();
  return made;
}

const say = (threadId: string, text: string | number) => {
  source.send(notification('item/agentMessage/delta', { threadId, delta: String(text) }));
};

const stored = async (act: () => void, count: number): Promise<void> => {
  const { lastSeq } = publisher.status;
  act();
  await eventually(() => publisher.status.lastSeq === lastSeq + count);
};

/** Who gets an event of each thread now. */
async function holders(): Promise<readonly string[]> {
  begun = [];
  const text = `?${Math.random()}`;
  for (const thread of threads) say(thread, text);
  const holderOf = (thread: string) => begun.find(({ text: is }) => is === thread + text)?.by;
  await eventually(() => threads.every((thread) => holderOf(thread) !== undefined));
  return threads.map((thread) => holderOf(thread) ?? '');
}

const countOf = (list: readonly string[], by: string) => list.filter((is) => is === by).length;

const texts = (thread: string) =>
  begun.filter(({ text }) => text.startsWith(thread)).map(({ text }) => text.slice(1));

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => String(from + n));

describe('workers that lease their partitions', () => {
  it('share them as workers come and go', async () => {
    const one = await worker('one');
    expect(await holders()).toEqual(['one', 'one', 'one', 'one']);
    const two = await worker('two');
    await eventually(async () => countOf(await holders(), 'two') === 2);
    await worker('three');
    await eventually(async () => countOf(await holders(), 'three') > 0);
    await one.close();
    await two.close();
    await eventually(async () => countOf(await holders(), 'three') === 4);
  });

  it('see each other again when the server has forgotten the watch of their leases', async () => {
    await worker('one');
    expect(await holders()).toEqual(['one', 'one', 'one', 'one']);
    // As when the machine of a cluster is gone that had it.
    const [bucket, jsm] = ['KV_CODEX_acme_lead', await jetstreamManager(await server.connect())];
    for await (const { name, config } of jsm.consumers.list(bucket)) {
      if (config.filter_subject?.includes('.group.')) await jsm.consumers.delete(bucket, name);
    }
    await worker('two');
    await eventually(async () => countOf(await holders(), 'two') === 2);
  });

  it('go on behind the checkpoint of one that is gone without a word', async () => {
    const first = await worker('first', { isBehindProxy: true, work: 1 });
    for (let n = 0; n < 150; n++) say('a', n);
    await eventually(() => begun.length > 120);
    // Now: while the second one connects, the first one would end.
    proxy.set({ stall: true });
    await worker('second');
    await eventually(() => begun.some(({ by, text }) => by === 'second' && text === 'a149'));
    const seen = begun.filter(({ by }) => by === 'second');
    const begins = begun.findIndex(({ by }) => by === 'second');
    // Nothing is left out: what comes first was begun before, or comes right behind.
    const [next] = seen;
    const at = Number(next?.text.slice(1));
    expect(seen.map(({ text }) => text.slice(1))).toEqual(range(at, 150));
    const before = Math.max(...begun.slice(0, begins).map(({ text }) => Number(text.slice(1))));
    expect(at).toBeLessThanOrEqual(before + 1);
    expect(before - at).toBeLessThan(100);
    expect(next?.again).toBe(true);
    proxy.set({ stall: false });
    await first.close();
  });

  it('begin nothing once their lease may have expired', async () => {
    await worker('stalled', { isBehindProxy: true, work: 100 });
    // It has read far more than it can do before its lease ends.
    await stored(() => {
      for (let n = 0; n < 64; n++) say('a', n);
    }, 64);
    await eventually(() => begun.length >= 3);
    proxy.set({ stall: true });
    await worker('next');
    await eventually(() => begun.some(({ by, text }) => by === 'next' && text === 'a63'));
    const begins = begun.findIndex(({ by }) => by === 'next');
    expect(begun.slice(begins).every(({ by }) => by === 'next')).toBe(true);
    expect(
      countOf(
        begun.map(({ by }) => by),
        'stalled',
      ),
    ).toBeLessThan(40);
  });

  it('say what may come twice, also when the next worker leaves before it has handled it', async () => {
    await worker('first', { isBehindProxy: true });
    expect(await holders()).toEqual(['first', 'first', 'first', 'first']);
    // It handles what comes, and no checkpoint says so.
    proxy.set({ stall: { toServer: true } });
    for (let n = 0; n < 10; n++) say('a', n);
    await eventually(() => texts('a').includes('9'));
    let goOn: () => void = () => undefined;
    const second = await worker('second', { work: new Promise((resolve) => (goOn = resolve)) });
    const begunBy = (name: string) =>
      begun.filter(({ by, text }) => by === name && text.startsWith('a'));
    await eventually(() => begunBy('second').length > 0);
    const leaving = second.close();
    goOn();
    await leaving;
    await worker('third');
    await eventually(() => begunBy('third').some(({ text }) => text === 'a9'));
    say('a', 10);
    await eventually(() => begunBy('third').some(({ text }) => text === 'a10'));
    // What the second one began is one event at most.
    expect(begunBy('third').slice(-10)).toEqual(
      range(1, 11).map((n) => ({ by: 'third', text: `a${n}`, again: n !== '10' })),
    );
  });

  it('say that they have handled all, so that nothing comes again after they were closed', async () => {
    const first = await worker('first');
    for (let n = 0; n < 30; n++) say('a', n);
    await eventually(() => begun.length === 30);
    await first.close();
    for (let n = 30; n < 40; n++) say('a', n);
    await worker('second');
    await eventually(() => begun.length === 40);
    expect(texts('a')).toEqual(range(0, 40));
    expect(begun.some(({ again }) => again)).toBe(false);
  });

  it('begin with what is new, with all, at a sequence, or at a time', async () => {
    await stored(() => {
      for (let n = 0; n < 5; n++) say('a', `x${n}`);
    }, 5);
    const { lastSeq } = publisher.status;
    await wait(20);
    const time = new Date();
    await stored(() => {
      say('a', 'x5');
    }, 1);
    const begin = async (from: ConsumerOptions['from']) => {
      begun = [];
      groups++;
      const one = await worker('one', from === undefined ? {} : { from });
      say('a', 'end');
      await eventually(() => texts('a').includes('end'));
      await one.close();
      return texts('a').filter((text) => text !== 'end');
    };
    expect(await begin('new')).toEqual([]);
    expect(await begin({ seq: lastSeq })).toEqual(['x4', 'x5']);
    expect(await begin({ time })).toEqual(['x5']);
    expect((await begin('all')).slice(-6)).toEqual(['x0', 'x1', 'x2', 'x3', 'x4', 'x5']);
  });

  it('say how far behind their group is', async () => {
    let goOn: () => void = () => undefined;
    const one = await worker('one', { work: new Promise((resolve) => (goOn = resolve)) });
    expect(await one.lag()).toEqual({ pending: 0, unacknowledged: 0 });
    for (let n = 0; n < 10; n++) say('a', n);
    await eventually(async () => (await one.lag()).pending === 10);
    goOn();
    await eventually(async () => (await one.lag()).pending === 0);
    expect(texts('a')).toEqual(range(0, 10));
  });

  it('are refused in a group of the other mode, and those of that mode in theirs', async () => {
    for (const modes of [
      ['one', 'leased'],
      ['leased', 'one'],
    ] as const) {
      groups++;
      const [mode, other] = modes;
      await worker('first', { mode });
      await expect(worker('other', { mode: other })).rejects.toMatchObject({
        cause: { kind: 'mode' },
      });
    }
  });
});
