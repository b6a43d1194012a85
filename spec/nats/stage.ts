import { headers, type NatsConnection } from '@nats-io/nats-core';
import { jetstream } from '@nats-io/jetstream';
import { notificationType, requestType } from 'codex-rx';
import { consumeFrom, type ConsumerOptions } from 'codex-rx/nats';
import { startFaultProxy, type SourceStage } from 'codex-rx/testing';
import { openShared } from '../../lib/nats/setup.js';
import { namesOf, partitionOf, threadToken } from '../../lib/nats/subjects.js';
import type { NatsServer } from '../support/nats-server.js';

let tenants = 0;

/** A worker behind a proxy, and a stream on the server that a check fills by hand. */
export async function startWorkerStage(
  server: NatsServer,
  options: Partial<ConsumerOptions> = {},
): Promise<SourceStage & { readonly tenant: string; readonly nc: NatsConnection }> {
  const tenant = `t${++tenants}`;
  const names = namesOf(tenant);
  const partitions = 4;
  const nc = await server.connect();
  const setup = { partitions, ttl: 5_000, maxAge: 3_600_000, maxBytes: -1, replicas: 1 };
  await openShared(nc, names, { ...setup, claimTtl: 2_000 });
  const js = jetstream(nc);
  const proxy = await startFaultProxy({ target: { port: server.port } });
  const worker = await server.connect({ servers: proxy.url.replace('http://', '') });
  const stream = consumeFrom(worker, {
    tenant,
    group: 'g',
    // Far less than a check waits: what a drop keeps from being acknowledged comes again first.
    ackWait: 500,
    retryDelays: [],
    reconnect: { base: 20, cap: 100 },
    log: false,
    ...options,
  });
  const answered: number[] = [];
  let sending = Promise.resolve();

  function publish(type: string, body: unknown, thread: string | null, key?: string): void {
    const token = threadToken(thread);
    const all = headers();
    if (key !== undefined) all.set('Codex-Request', encodeURIComponent(key));
    const subject = names.event(partitionOf(token, partitions), token, type);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    sending = sending.then(async () => {
      await js.publish(subject, text, { headers: all });
    });
  }

  nc.subscribe(names.answer, {
    callback(_, message) {
      const { key, answer } = message.json<{ key: string; answer?: object }>();
      const id = Number(key);
      if (answer) answered.push(id);
      const isOpen = !answered.includes(id);
      const reply = isOpen ? { open: true } : { outcome: 'answered', cause: 'accepted' };
      message.respond(JSON.stringify({ key, ...reply }));
    },
  });

  return {
    tenant,
    nc,
    stream,
    notify(method, params) {
      const thread = (params as { threadId?: string }).threadId ?? null;
      const payload = { source: 'app_server', signalType: 'notification', method, params };
      const ids = { threadId: thread, turnId: null, requestId: null };
      publish(
        notificationType(method),
        { type: notificationType(method), ...ids, payload },
        thread,
      );
    },
    ask(id, method, params) {
      const thread = (params as { threadId?: string }).threadId ?? null;
      const type = requestType(method);
      const payload = {
        source: 'app_server',
        signalType: 'request',
        method,
        params,
        requestId: id,
      };
      publish(
        type,
        { type, threadId: thread, turnId: null, requestId: id, payload },
        thread,
        String(id),
      );
    },
    answered: () => answered,
    garble() {
      publish('garbled', 'no JSON', 't');
    },
    drop() {
      proxy.reset();
    },
    async close() {
      await sending;
      await worker.close();
      await proxy.close();
    },
  };
}
