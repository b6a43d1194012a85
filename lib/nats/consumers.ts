import {
  AckPolicy,
  DeliverPolicy,
  type Consumer,
  type ConsumerConfig,
  type ConsumerInfo,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { ConsumerSettings } from './consumer-options.js';
import { NatsError } from './nats-error.js';
import type { ReadingHost } from './reading.js';
import type { Shared } from './setup.js';

/** A durable consumer of a group, and what the server knew of it. */
export interface DurableConsumer {
  readonly consumer: Consumer;
  readonly info: ConsumerInfo;
  /** How the server's consumer differs from what the options ask for; `null` if it does not. */
  readonly difference: string | null;
}

export const partitionConsumer = (
  shared: Shared,
  settings: ConsumerSettings,
  partition: number,
): Promise<DurableConsumer> =>
  ensureConsumer(shared, settings, {
    durable_name: `${settings.group}-${partition}`,
    filter_subject: settings.names.partition(partition),
    // One at a time: it is this that keeps the order when a worker dies.
    max_ack_pending: 1,
  });

/** How many requests of a group may be open at once. */
const maxOpenRequests = 100;

export const requestConsumer = (
  shared: Shared,
  settings: ConsumerSettings,
): Promise<DurableConsumer> =>
  ensureConsumer(shared, settings, {
    durable_name: `${settings.group}-requests`,
    filter_subject: settings.names.requests,
    max_ack_pending: maxOpenRequests,
  });

async function ensureConsumer(
  { js, jsm }: Shared,
  { names, from, ackWait }: ConsumerSettings,
  own: Partial<ConsumerConfig> & { readonly durable_name: string },
): Promise<DurableConsumer> {
  const { stream } = names;
  const name = own.durable_name;
  const asked = {
    ...own,
    ...start(from),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWait),
    // A bound would skip events: the worker counts, and stores what it gives up.
    max_deliver: -1,
  };
  const known = await jsm.consumers.info(stream, name).catch(() => null);
  const info = known ?? (await jsm.consumers.add(stream, asked));
  const { ack_wait: wait, deliver_policy: policy } = info.config;
  const isSame = wait === asked.ack_wait && policy === asked.deliver_policy;
  const difference = isSame
    ? null
    : `${name} is there already: it began with "${policy}" and waits ${(wait ?? 0) / 1e6} ms.`;
  return { consumer: await js.consumers.get(stream, name), info, difference };
}

/** Where a group begins, in the configuration of a consumer. */
export function start(from: ConsumerSettings['from']): Partial<ConsumerConfig> & {
  readonly deliver_policy: DeliverPolicy;
} {
  if (from === 'new') return { deliver_policy: DeliverPolicy.New };
  if (from === 'all') return { deliver_policy: DeliverPolicy.All };
  return 'seq' in from
    ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.seq }
    : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.time.toISOString() };
}

/** Small on purpose: what a hung worker has asked for is lost to the others for a while. */
const pull = { max_messages: 2, threshold_messages: 1, expires: 5_000 };

/** Hands on what comes to a durable consumer, until the connection ends. */
export async function consume(
  { consumer }: DurableConsumer,
  { life, fail }: Pick<ReadingHost, 'life' | 'fail'>,
  callback: (message: JsMsg) => void,
): Promise<void> {
  const messages = await consumer.consume({
    ...pull,
    callback(message) {
      // What comes late is left to another worker.
      if (life.closed) message.nak();
      else callback(message);
    },
  });
  life.add(() => {
    messages.stop();
  });
  const watch = async (): Promise<void> => {
    for await (const { type } of messages.status()) {
      if (type !== 'consumer_deleted' && type !== 'consumer_not_found') continue;
      fail(new NatsError('setup', 'A consumer of the group was deleted on the server.'));
    }
  };
  watch().catch(fail);
}
