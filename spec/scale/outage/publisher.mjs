// The publisher whose memory is measured while NATS is away.

import { connect } from '@nats-io/transport-node';
import { connectManager } from 'codex-rx';
import { publishTo } from 'codex-rx/nats';
import { env, memoryUsage } from 'node:process';

const nc = await connect({
  servers: env.NATS_URL,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
});
const stream = connectManager({ url: env.SOURCE_URL, log: false });
const publisher = publishTo(nc, stream, {
  tenant: 'outage',
  partitions: 4,
  ttl: 2_000,
  ...JSON.parse(env.OPTIONS),
  log: false,
});
await stream.connect();
await publisher.ready;
process.send('ready');
process.on('message', () => {
  globalThis.gc();
  const { heapUsed, external } = memoryUsage();
  const { role, queued, dropped } = publisher.status;
  process.send({ heap: heapUsed + external, role, queued, dropped });
});
