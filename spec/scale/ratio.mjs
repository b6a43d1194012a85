// How much faster four workers with four partitions are than one with one, when each handles one event at a time.

import { connect } from '@nats-io/transport-node';
import { connectManager, createRouter, ofAppServer } from 'codex-rx';
import { consumeFrom, publishTo } from 'codex-rx/nats';
import { notification, startStreamServer } from 'codex-rx/testing';
import { startNatsServer } from '../../examples/scale-out/nats-server.mjs';
import { wait } from '../../examples/scale-out/scene.mjs';

/** How many times as fast four workers with four partitions are as one with one, in a mode. */
export async function ratio(mode) {
  const one = await eventsPerSecond({ mode, workers: 1 });
  return (await eventsPerSecond({ mode, workers: 4 })) / one;
}

/** How many times as fast one worker with four partitions is in mode `leased`, if it does nothing. */
export async function leasedAgainstOne() {
  const quick = { workers: 1, partitions: 4, work: 0, count: 8_000 };
  const one = await eventsPerSecond({ ...quick, mode: 'one' });
  return (await eventsPerSecond({ ...quick, mode: 'leased' })) / one;
}

async function eventsPerSecond({ mode, workers, partitions = workers, work = 10, count = 800 }) {
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
    partitions,
    log: false,
  });
  await stream.connect();
  await publisher.ready;
  // Stored first: what is compared is how fast it is handled.
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
      if (work > 0) await wait(work);
      handled++;
    });
    const options = { tenant: 'ratio', group: 'g', from: 'all', mode, router, log: false };
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
