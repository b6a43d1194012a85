import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  accept,
  connectManager,
  decline,
  isRequest,
  ofAppServerRequest,
  toolResult,
  type ManagerStream,
} from 'codex-rx';
import { consumeFrom, publishTo, type Publisher, type WorkerStream } from 'codex-rx/nats';
import { startFakeManager, startFaultProxy, type FakeManager } from 'codex-rx/testing';
import { filter, firstValueFrom, map } from 'rxjs';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

interface Instance {
  readonly publisher: Publisher;
  readonly stream: ManagerStream;
  readonly nc: NatsConnection;
}

let server: NatsServer;
let source: FakeManager;
let thread: string;
let instances: Instance[] = [];
let workers: WorkerStream[] = [];

beforeEach(async () => {
  [server, source] = await Promise.all([startNatsServer(), startFakeManager()]);
  thread = source.session();
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all(instances.map(({ publisher }) => publisher.close()));
  await Promise.all(instances.map(({ stream }) => stream.close()));
  [instances, workers] = [[], []];
  await Promise.all([server.close(), source.close()]);
});

/** @param claimTtl Long, unless claims shall expire: a process may be frozen for a second. */
async function publisher(claimTtl = 5_000): Promise<Instance> {
  const stream = connectManager({ url: source.url, log: false, reconnect: { base: 20 } });
  const nc = await server.connect();
  const options = {
    tenant: 'acme',
    partitions: 2,
    ttl: 1_000,
    claimTtl,
    log: false,
  } as const;
  const made = publishTo(nc, stream, options);
  const instance = { publisher: made, stream, nc };
  instances.push(instance);
  await stream.connect();
  await made.ready;
  return instance;
}

async function worker(
  ackWait = 5_000,
  connect: Parameters<NatsServer['connect']>[0] = {},
): Promise<{ readonly stream: WorkerStream; readonly nc: NatsConnection }> {
  const nc = await server.connect(connect);
  const stream = consumeFrom(nc, {
    tenant: 'acme',
    group: 'g',
    ackWait,
    reconnect: { base: 20, cap: 100 },
    log: false,
  });
  workers.push(stream);
  return { stream, nc };
}

const call = { callId: 'c1', tool: 'weather', arguments: {}, namespace: null };

const answers = () =>
  source.calls.filter(({ method, status }) => method === 'POST' && status === 200);

const command = { itemId: 'i1', command: 'ls' };

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a server request', () => {
  it('reaches one handler of a group, and its answer reaches the server once', async () => {
    await publisher();
    const runs: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const { stream } = await worker();
      stream.requests.serve('item/tool/call', async () => {
        runs.push(name);
        await wait(50);
        return toolResult('sunny');
      });
      await stream.connect();
    }
    source.startTurn(thread);
    const answer = await source.request(thread, 'item/tool/call', call);
    expect(answer).toMatchObject({ result: { success: true } });
    await wait(300);
    expect(runs).toHaveLength(1);
    expect(answers()).toHaveLength(1);
  });

  it('is worked on by another worker when the first one dies in its handler', async () => {
    await publisher(1_000);
    const [first, second] = [await worker(1_000), await worker(1_000)];
    let isAsked = false;
    first.stream.requests.serve('item/tool/call', () => {
      isAsked = true;
      return new Promise<never>(() => undefined);
    });
    await first.stream.connect();
    source.startTurn(thread);
    const answer = source.request(thread, 'item/tool/call', call);
    await eventually(() => isAsked);
    await first.nc.close();
    second.stream.requests.serve('item/tool/call', () => toolResult('sunny'));
    await second.stream.connect();
    expect(await answer).toMatchObject({ result: { success: true } });
    expect(answers()).toHaveLength(1);
  });

  it('is answered through the next leader when the leader is gone', async () => {
    const leader = await publisher();
    const standby = await publisher();
    const { stream } = await worker();
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    let isAsked = false;
    stream.requests.serve('item/tool/call', async () => {
      isAsked = true;
      await opened;
      return toolResult('sunny');
    });
    await stream.connect();
    source.startTurn(thread);
    const answer = source.request(thread, 'item/tool/call', call);
    await eventually(() => isAsked);
    await leader.nc.close();
    open();
    expect(await answer).toMatchObject({ result: { success: true } });
    await eventually(() => standby.publisher.status.role === 'leader');
    expect(answers()).toHaveLength(1);
  });

  it('is answered once when the leader dies before it can tell the worker so', async () => {
    const leader = await publisher();
    const standby = await publisher();
    const { stream } = await worker();
    let runs = 0;
    const outcomes: string[] = [];
    stream.requests.settled$.subscribe(({ outcome }) => outcomes.push(outcome));
    stream.requests.serve('item/tool/call', () => {
      runs++;
      return toolResult('sunny');
    });
    // The agent has the answer: from now on the worker hears nothing of this leader.
    leader.stream.requests.decisions$.subscribe(() => {
      void leader.nc.close();
    });
    await stream.connect();
    source.startTurn(thread);
    expect(await source.request(thread, 'item/tool/call', call)).toHaveProperty('result');
    await eventually(() => standby.publisher.status.role === 'leader');
    await eventually(() => outcomes.length === 1);
    await wait(500);
    expect([runs, answers().length, outcomes.length]).toEqual([1, 1, 1]);
  });

  it('is worked on by one of ten workers, though its handler outlasts ten ack waits', async () => {
    await publisher();
    let runs = 0;
    for (let n = 0; n < 10; n++) {
      const { stream } = await worker(300);
      stream.requests.serve('item/tool/call', async () => {
        runs++;
        await wait(3_500);
        return toolResult('sunny');
      });
      await stream.connect();
    }
    source.startTurn(thread);
    expect(await source.request(thread, 'item/tool/call', call)).toHaveProperty('result');
    expect([runs, answers().length]).toEqual([1, 1]);
  });

  it('is looked at again soon where no publisher leads, and is not given up then', async () => {
    const leader = await publisher();
    source.startTurn(thread);
    void source.request(thread, 'item/tool/call', call);
    await eventually(() => leader.publisher.status.lastSeq >= 2);
    await leader.publisher.close();
    const nc = await server.connect();
    const pauses: number[] = [];
    nc.subscribe('$JS.ACK.CODEX_acme.g-requests.>', {
      callback(_, message) {
        const [, nanos] = /^-NAK .*:(\d+)/.exec(message.string()) ?? [];
        if (nanos) pauses.push(Number(nanos) / 1e6);
      },
    });
    const late = consumeFrom(nc, { tenant: 'acme', group: 'g', from: 'all', log: false });
    workers.push(late);
    await late.connect();
    await eventually(() => pauses.length === 4);
    // A publisher that leads, and has not heard of it yet.
    nc.subscribe('codex.acme.answer', {
      callback(_, message) {
        const { key } = message.json<{ key: string }>();
        message.respond(JSON.stringify({ key, fault: 'unknown', message: '' }));
      },
    });
    await eventually(() => pauses.length === 5);
    expect(pauses).toEqual([500, 1_000, 2_000, 2_000, 500]);
  });

  it('stays claimed when the reply to a renewal was lost', async () => {
    await publisher();
    const proxy = await startFaultProxy({ target: { port: server.port } });
    const { stream } = await worker(3_000, { servers: proxy.url.replace('http://', '') });
    stream.requests.serve('item/tool/call', () => new Promise<never>(() => undefined));
    const renewals: number[] = [];
    const watched = await new Kvm(await server.connect()).open('CODEX_acme_claims');
    const entries = await watched.watch();
    void (async () => {
      for await (const { operation, revision } of entries)
        if (operation === 'PUT') renewals.push(revision);
    })();
    const renewed = async (times: number) => {
      const before = renewals.length;
      await eventually(() => renewals.length >= before + times);
    };
    await stream.connect();
    source.startTurn(thread);
    void source.request(thread, 'item/tool/call', call);
    await renewed(2);
    proxy.set({ stall: { toClient: true } });
    await renewed(1);
    proxy.set({ stall: false });
    await renewed(3);
    await proxy.close();
  });

  it('stays open without a handler, and is answered from the list of pending ones', async () => {
    await publisher();
    const { stream } = await worker();
    const settlements: string[] = [];
    stream.requests.settled$.subscribe(({ outcome }) => settlements.push(outcome));
    await stream.connect();
    source.startTurn(thread);
    const answer = source.request(thread, 'item/commandExecution/requestApproval', command);
    const request = await firstValueFrom(
      stream.requests.pending$.pipe(
        map(([first]) => first),
        filter((first) => first !== undefined),
        filter((first) => isRequest(first, 'item/commandExecution/requestApproval')),
      ),
    );
    const settlement = await stream.requests.answer(request, accept(request));
    expect(settlement.outcome).toBe('answered');
    expect(await answer).toMatchObject({ result: { decision: 'accept' } });
    expect(settlements).toEqual(['answered']);
  });

  it('is answered by its event in a route, whichever worker has claimed it', async () => {
    await publisher();
    const both = [await worker(), await worker()];
    const outcomes: string[] = [];
    for (const { stream } of both) {
      stream.on(ofAppServerRequest('item/commandExecution/requestApproval'), async (event) => {
        const { outcome } = await stream.requests.answer(event, { decision: 'decline' });
        outcomes.push(outcome);
      });
      await stream.connect();
    }
    source.startTurn(thread);
    const answer = source.request(thread, 'item/commandExecution/requestApproval', command);
    expect(await answer).toMatchObject({ result: { decision: 'decline' } });
    await eventually(() => outcomes.length === 1);
    expect(outcomes).toEqual(['answered']);
    expect(answers()).toHaveLength(1);
  });

  it('leaves the list of a worker when it is answered elsewhere', async () => {
    const { stream: source0 } = await publisher();
    const { stream } = await worker();
    const settlements: string[] = [];
    stream.requests.settled$.subscribe(({ outcome }) => settlements.push(outcome));
    let isOpen = false;
    stream.requests.opened$.subscribe(() => (isOpen = true));
    await stream.connect();
    source.startTurn(thread);
    void source.request(thread, 'item/commandExecution/requestApproval', command);
    await eventually(() => isOpen);
    source0.requests.serve('item/commandExecution/requestApproval', decline);
    await eventually(() => settlements.length > 0);
    expect(settlements).toEqual(['answered-elsewhere']);
  });

  it('that was settled long ago runs no handler of a new group', async () => {
    const { stream: source0 } = await publisher();
    source0.requests.serve('item/commandExecution/requestApproval', decline);
    source.startTurn(thread);
    await source.request(thread, 'item/commandExecution/requestApproval', command);
    const late = consumeFrom(await server.connect(), {
      tenant: 'acme',
      group: 'late',
      from: 'all',
      log: false,
    });
    workers.push(late);
    let runs = 0;
    late.requests.serve('item/commandExecution/requestApproval', (request) => {
      runs++;
      return accept(request);
    });
    let events = 0;
    late.on(ofAppServerRequest(), () => events++);
    await late.connect();
    await eventually(() => events > 0);
    await wait(500);
    expect(runs).toBe(0);
  });
});
