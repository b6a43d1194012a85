import { noop } from 'rxjs';
import { consume, partitionConsumer } from './consumers.js';
import { NatsError } from './nats-error.js';
import type { Reading, ReadingHost } from './reading.js';
import { removals } from './retention.js';

/**
 * Mode `one`: a durable consumer of each partition, which has one event under way at most. Each
 * worker asks all of them.
 */
export async function durableReading(host: ReadingHost): Promise<Reading> {
  const { shared, settings, partitions } = host;
  const { group, names } = settings;
  const checkpoint = await shared.state.get(names.checkpoint(group, 0));
  if (checkpoint?.operation === 'PUT') {
    throw new NatsError('mode', `The group ${group} has checkpoints of mode "leased".`);
  }
  const consumers = await Promise.all(
    Array.from({ length: partitions }, (_, partition) =>
      partitionConsumer(shared, settings, partition),
    ),
  );
  const progresses = consumers.map(({ consumer, info: { num_pending, ...info } }) => ({
    began: num_pending + info.num_ack_pending > 0 ? info.ack_floor.stream_seq : 0,
    async floor(last: number) {
      const { ack_floor, num_pending, num_ack_pending } = await consumer.info();
      return num_pending + num_ack_pending === 0 ? last : ack_floor.stream_seq;
    },
  }));
  return {
    difference: consumers.find(({ difference }) => difference !== null)?.difference ?? null,
    overtaken$: removals(shared, names, progresses),
    async lag() {
      const infos = await Promise.all(consumers.map(({ consumer }) => consumer.info()));
      return {
        pending: infos.reduce((sum, { num_pending }) => sum + num_pending, 0),
        unacknowledged: infos.reduce((sum, { num_ack_pending }) => sum + num_ack_pending, 0),
      };
    },
    async start() {
      await Promise.all(
        consumers.map((consumer, partition) =>
          consume(consumer, host, (message) => {
            host.event(partition, message);
          }),
        ),
      );
    },
    // The server gives what is not acknowledged to others.
    leave: () => Promise.resolve(),
    abandon: noop,
  };
}
