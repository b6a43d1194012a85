// How much faster four workers with four partitions are than one with one, when each handles one event at a time.

import { connect } from '@nats-io/transport-node';
import { connectManager, createRouter, ofAppServer } from 'codex-rx';
import { consumeFrom, publishTo } from 'codex-rx/nats';
import { notification, startStreamServer } from 'codex-rx/testing';
import { startNatsServer } from '../../examples/scale-out/nats-server.mjs';
import { wait } from '../../examples/scale-out/scene.mjs';

export async function ratio() {
  const one = await eventsPerSecond(1);
  return (await eventsPerSecond(4)) / one;
}

async function eventsPerSecond(workers) {
  const [nats, source] = await Promise.all([startNatsServer(), startStreamServer()]);
  const connections = [];
  const open = async () => {
    const nc = await connect({ servers: nats.url });
    connections.push(nc);
    return nc;
  };
  const stream = connectManager({ url: source.url, log: false });
  const publisher = publishTo(await open(), stream, {
    tenant: 'ratio',
    partitions: workers,
    log: false,
  });
  await stream.connect();
  await publisher.ready;
  // Stored first: what is compared is how fast it is handled.
  const count = 800;
  for (let n = 0; n < count; n++) {
    source.send(notification('item/agentMessage/delta', { threadId: `thread-${n % 256}` }));
  }
  while (publisher.status.lastSeq < count) await wait(5);
  let handled = 0;
  let began = 0;
  const consumers = [];
  for (let n = 0; n < workers; n++) {
    const router = createRouter({ strategy: 'concat' });
    router.on(ofAppServer('item/agentMessage/delta'), async () => {
      began ||= performance.now();
      await wait(10);
      handled++;
    });
    const options = { tenant: 'ratio', group: 'g', from: 'all', router, log: false };
    consumers.push(consumeFrom(await open(), options));
  }
  await Promise.all(consumers.map((consumer) => consumer.connect()));
  while (handled < count) await wait(5);
  const took = performance.now() - began;
  for (const consumer of consumers) await consumer.close();
  await publisher.close();
  await stream.close();
  for (const nc of connections) await nc.close();
  await Promise.all([nats.close(), source.close()]);
  return (count / took) * 1_000;
}
