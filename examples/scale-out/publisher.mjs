// A publisher: run two of them, each in its process. One leads, the other is its hot standby.

import { connect } from '@nats-io/transport-node';
import { connectManager, managerDuplicates } from 'codex-rx';
import { publishTo } from 'codex-rx/nats';
import { env } from 'node:process';

const nc = await connect({
  servers: env.NATS_URL,
  waitOnFirstConnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
});
const stream = connectManager({ url: env.MANAGER_URL, ignore: managerDuplicates, log: false });
const publisher = publishTo(nc, stream, {
  tenant: 'demo',
  partitions: Number(env.PARTITIONS ?? 4),
  standby: env.STANDBY !== 'no',
  ttl: 2_000, // a leader that is killed is replaced after two seconds
  claimTtl: 2_000,
  log: false,
});

publisher.status$.subscribe((status) => process.send?.(status));
await stream.connect();

process.on('SIGTERM', async () => {
  await publisher.close(); // what waits is stored, and the standby leads at once
  await stream.close();
  await nc.drain();
  process.exit();
});
