import { afterEach, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectManager, ofAppServer, toolResult } from 'codex-rx';
import { consumeFrom, jetStreamLog, publishTo } from 'codex-rx/nats';
import { startFakeManager } from 'codex-rx/testing';
import { readFileSync } from 'node:fs';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

const page = readFileSync(new URL('../../docs/scale-out.md', import.meta.url), 'utf8');

/** A configuration as the page shows it. */
function configuration(name: string): string {
  const [, text] =
    new RegExp(`<!-- nats.conf: ${name} -->\\s*\`\`\`\\n([^]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`docs/scale-out.md shows no configuration "${name}".`);
  return text;
}

let server: NatsServer;

afterEach(() => server.close());

const user = (name: string, pass: string, inbox?: string): Promise<NatsConnection> =>
  server.connect({ user: name, pass, ...(inbox ? { inboxPrefix: inbox } : {}) });

/** A publisher and a worker with these connections: an event is handled, a call is answered. */
async function works(
  publishing: NatsConnection,
  working: NatsConnection,
  tenant: string,
): Promise<void> {
  const source = await startFakeManager();
  const thread = source.session();
  const stream = connectManager({ url: source.url, log: false });
  const publisher = publishTo(publishing, stream, {
    tenant,
    partitions: 2,
    ttl: 2_000,
    log: false,
  });
  await stream.connect();
  await publisher.ready;
  await eventually(() => publisher.status.role === 'leader');
  const group = { tenant, retryDelays: [], log: false } as const;
  const worker = consumeFrom(working, { ...group, group: 'g' });
  const leasing = consumeFrom(working, { ...group, group: 'h', mode: 'leased' });
  const leased: string[] = [];
  leasing.on(ofAppServer('turn/started'), ({ type }) => leased.push(type));
  const dead: number[] = [];
  worker.router.errors$.subscribe();
  worker.deadLetters$.subscribe(({ seq }) => dead.push(seq));
  worker.on(ofAppServer('turn/started'), () => {
    throw new Error('boom');
  });
  worker.requests.serve('item/tool/call', () => toolResult('done'));
  await worker.connect();
  await leasing.connect();
  source.startTurn(thread);
  const call = { callId: 'c', tool: 'x', namespace: null, arguments: {} };
  expect(await source.request(thread, 'item/tool/call', call)).toHaveProperty('result');
  await eventually(() => dead.length === 1 && leased.length === 1);
  await worker.close();
  await leasing.close();
  await publisher.close();
  await stream.close();
  await source.close();
}

/** The log of a gateway is written, and read by a process that has nothing of it in memory. */
async function keepsLog(nc: NatsConnection): Promise<void> {
  const options = { tenant: 'acme', log: false } as const;
  const log = await jetStreamLog(nc, options);
  log.append({ type: 'x', threadId: 't', requestKey: null, at: 1, frame: Buffer.from('{"a":1}') });
  await eventually(() => log.last === 1);
  await log.close();
  const again = await jetStreamLog(nc, options);
  expect(await again.read(1, 1)).toMatchObject([{ seq: 1, type: 'x', threadId: 't' }]);
  await again.close();
}

const event = (tenant: string) => `codex.${tenant}.ev.0.t.app_server.x`;

describe('the permissions of docs/scale-out.md', () => {
  it('let an account see nothing of another', async () => {
    server = await startNatsServer(configuration('accounts'));
    const acme = await user('acme', 'a');
    await works(acme, acme, 'acme');
    const other = await jetstreamManager(await user('umbrella', 'u'));
    await expect(other.streams.info('CODEX_acme')).rejects.toThrow('stream not found');
  });

  it('keep a tenant to itself within one account', async () => {
    server = await startNatsServer(configuration('users'));
    const acme = await user('acme', 'a', '_INBOX_acme');
    await works(acme, acme, 'acme');
    await keepsLog(acme);
    const jsm = await jetstreamManager(acme, { checkAPI: false, timeout: 10_000 });
    await expect(jsm.streams.info('CODEX_umbrella')).rejects.toThrow(/ermission/);
    const filter = { durable_name: 'spy', filter_subject: 'codex.umbrella.>' };
    await expect(jsm.consumers.add('CODEX_umbrella', filter)).rejects.toThrow(/ermission/);
    await expect(
      jetstream(acme).publish(event('umbrella'), '{}', { timeout: 10_000 }),
    ).rejects.toThrow();
  });

  it('let workers do their work, and forge no events', async () => {
    server = await startNatsServer(configuration('worker'));
    const worker = await user('worker', 'w', '_INBOX_worker');
    const publisher = await user('publisher', 'p');
    await works(publisher, worker, 'acme');
    await keepsLog(publisher);
    const stolen = jetStreamLog(worker, { tenant: 'acme', log: false });
    await expect(stolen).rejects.toThrow(/ermission/);
    const forged = jetstream(worker).publish(event('acme'), '{}', { timeout: 10_000 });
    await expect(forged).rejects.toThrow(/ermission/);
    const jsm = await jetstreamManager(worker, { checkAPI: false, timeout: 10_000 });
    await expect(jsm.streams.purge('CODEX_acme')).rejects.toThrow(/ermission/);
    await expect(jsm.streams.delete('CODEX_acme')).rejects.toThrow(/ermission/);
    const lead = '$KV.CODEX_acme_lead.leader';
    const usurped = jetstream(worker).publish(lead, 'me', { timeout: 10_000 });
    await expect(usurped).rejects.toThrow(/ermission/);
  });
});
