import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectManager, type ManagerStream } from 'codex-rx';
import { publishTo, type Publisher, type PublisherOptions } from 'codex-rx/nats';
import { notification, startStreamServer, type StreamServer } from 'codex-rx/testing';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

interface Instance {
  readonly publisher: Publisher;
  readonly stream: ManagerStream;
  readonly nc: NatsConnection;
}

let server: NatsServer;
let source: StreamServer;
let nc: NatsConnection;
let instances: Instance[] = [];

beforeEach(async () => {
  [server, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  nc = await server.connect();
});

afterEach(async () => {
  await Promise.all(instances.map(({ stream }) => stream.close()));
  await Promise.all(instances.map((instance) => instance.nc.close()));
  await Promise.all(instances.map(({ publisher }) => publisher.close()));
  instances = [];
  await Promise.all([server.close(), source.close()]);
});

async function start(options: Partial<PublisherOptions> = {}): Promise<Instance> {
  const stream = connectManager({ url: source.url, log: false, reconnect: { base: 20 } });
  const own = await server.connect();
  const common = { tenant: 'acme', partitions: 4, ttl: 1_000, log: false } as const;
  const publisher = publishTo(own, stream, { ...common, ...options });
  const instance = { publisher, stream, nc: own };
  instances.push(instance);
  await stream.connect();
  await publisher.ready;
  return instance;
}

const say = (text: string) => {
  source.send(
    notification('item/agentMessage/delta', { threadId: `t${text.length}`, delta: text }),
  );
};

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Says numbers, with a pause after each few. */
async function flow(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    say(String(n));
    if (n % 5 === 0) await wait(5);
  }
}

interface Seen {
  readonly deltas: readonly string[];
  readonly gaps: readonly string[];
}

async function stored(): Promise<Seen> {
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info('CODEX_acme');
  const deltas: string[] = [];
  const gaps: string[] = [];
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage('CODEX_acme', { seq });
    const { payload } = message?.json<{
      payload: { params?: { delta: string }; reason?: string };
    }>() ?? { payload: {} };
    if (payload.params) deltas.push(payload.params.delta);
    if (payload.reason) gaps.push(payload.reason);
  }
  return { deltas, gaps };
}

const numbers = (to: number) => Array.from({ length: to }, (_, n) => String(n));

/** Two instances, of which one leads. A process that is frozen for a while loses the lead. */
async function pair(
  options: Partial<PublisherOptions> = {},
): Promise<[leader: Instance, standby: Instance]> {
  const one = await start(options);
  await eventually(() => isLeader(one));
  const two = await start(options);
  await eventually(() => isLeader(one) !== isLeader(two));
  return isLeader(one) ? [one, two] : [two, one];
}

const isLeader = ({ publisher }: Instance) => publisher.status.role === 'leader';

describe('a standby', () => {
  it('takes over without a gap when the leader is gone without a word', async () => {
    const [leader, standby] = await pair();
    await flow(0, 200);
    // As a crash: nothing is given back, nothing more is sent.
    void leader.nc.close();
    await flow(200, 600);
    await eventually(() => isLeader(standby));
    await flow(600, 700);
    await eventually(async () => (await stored()).deltas.includes('699'));
    expect(await stored()).toEqual({ deltas: numbers(700), gaps: [] });
  });

  it('takes over at once when the leader is closed', async () => {
    const [leader, standby] = await pair({ ttl: 20_000 });
    await flow(0, 100);
    await leader.publisher.close();
    await flow(100, 200);
    await eventually(() => isLeader(standby));
    await eventually(async () => (await stored()).deltas.includes('199'));
    expect(await stored()).toEqual({ deltas: numbers(200), gaps: [] });
  });

  it('gets the lead from a publisher that was started just now, and has heard less', async () => {
    const leader = await start();
    const standby = await start({ ttl: 60_000 });
    await flow(0, 100);
    await eventually(async () => (await stored()).deltas.length === 100);
    void leader.nc.close();
    // The standby asks for the lead every 20 s: the new one has it before.
    await flow(100, 200);
    await wait(1_500);
    await start();
    await eventually(() => isLeader(standby));
    await flow(200, 300);
    await eventually(async () => (await stored()).deltas.includes('299'));
    expect(await stored()).toEqual({ deltas: numbers(300), gaps: [] });
  });

  it('announces a gap where it cannot tell its place from another', async () => {
    const [leader, standby] = await pair();
    for (let n = 0; n < 100; n++) say('same');
    await eventually(async () => (await stored()).deltas.length === 100);
    void leader.nc.close();
    await eventually(() => isLeader(standby));
    say('after');
    await eventually(async () => (await stored()).deltas.includes('after'));
    const { deltas, gaps } = await stored();
    expect(deltas).toHaveLength(101);
    expect(gaps).toEqual(Array.from({ length: 4 }, () => 'takeover'));
  });

  it('announces a gap if it kept nothing', async () => {
    const [leader, standby] = await pair({ standby: false });
    await flow(0, 100);
    await eventually(async () => (await stored()).deltas.length === 100);
    void leader.nc.close();
    await flow(100, 200);
    await eventually(() => isLeader(standby));
    say('after');
    await eventually(async () => (await stored()).deltas.includes('after'));
    expect((await stored()).gaps).toHaveLength(4);
  });
});

describe('a leader', () => {
  it('announces the gaps of its source', async () => {
    await start();
    await flow(0, 10);
    await eventually(async () => (await stored()).deltas.length === 10);
    for (const socket of source.sockets) socket.close();
    await eventually(() => source.sockets.length > 0);
    await eventually(async () => (await stored()).gaps.length === 4);
    say('after');
    await eventually(async () => (await stored()).deltas.includes('after'));
    expect((await stored()).gaps).toEqual(['source', 'source', 'source', 'source']);
  });
});
