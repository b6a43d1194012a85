// A worker: run as many as there are partitions. Any of them gets any event, those of a thread in order.

import { connect } from '@nats-io/transport-node';
import { ofAppServer, toolResult } from 'codex-rx';
import { consumeFrom } from 'codex-rx/nats';
import { appendFileSync } from 'node:fs';
import { env, hrtime, pid } from 'node:process';

const nc = await connect({
  servers: env.NATS_URL,
  waitOnFirstConnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
});
const stream = consumeFrom(nc, {
  tenant: 'demo',
  group: 'workers',
  from: 'all',
  mode: env.MODE ?? 'one', // MODE=leased npm run scale-out
  ackWait: 1_500,
  log: false,
});

// Stands for what your handler does: one line in a file for each event, which outlives a kill.
const write = (what, ...values) => {
  appendFileSync(env.JOURNAL, `${[what, hrtime.bigint(), ...values].join(' ')}\n`);
};

stream.on(ofAppServer('item/agentMessage/delta'), async ({ threadId, payload }, { seq }) => {
  const began = hrtime.bigint();
  await new Promise((resolve) => setTimeout(resolve, Number(env.WORK_MS ?? 2)));
  write('event', threadId, payload.params.delta, seq, pid, began);
});
stream.requests.serve('item/tool/call', async ({ key, callId }) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  write('call', callId, encodeURIComponent(key));
  return toolResult(`the result of ${callId}`);
});
// That the connection to NATS was lost is a gap too, after which nothing is missing.
stream.gaps$.subscribe(({ recovery$ }) => {
  recovery$.subscribe(({ complete }) => {
    if (!complete) write('gap');
  });
});
await stream.connect();
process.send?.('ready');

process.on('SIGTERM', async () => {
  await stream.close(); // what is being handled is finished and acknowledged
  await nc.drain();
  process.exit();
});
