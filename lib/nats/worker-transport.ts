import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { filter, firstValueFrom, Subscription } from 'rxjs';
import type { OpenTransport, TransportEvents } from '../socket/index.js';
import { connectedOf } from './connected.js';
import type { ConsumerSettings } from './consumer-options.js';
import { partitionConsumer, requestConsumer, type DurableConsumer } from './consumers.js';
import { NatsError } from './nats-error.js';
import { findShared, partitionsOf, type Shared } from './setup.js';

/** What a worker does with what it consumes. */
export interface WorkerHost {
  /** The consumers are there: the first message comes after this. */
  opened(shared: Shared, consumers: readonly DurableConsumer[]): void;
  event(partition: number, message: JsMsg): void;
  request(message: JsMsg): void;
  /** Resolves when no handler runs any more, or not soon enough. */
  drained(): Promise<void>;
}

/** Small on purpose: what a hung worker has asked for is lost to the others for a while. */
const pull = { max_messages: 2, threshold_messages: 1, expires: 5_000 };

/**
 * The consumers of a group as a transport that comes back: it is open while there is a connection
 * to NATS and the consumers are there. It carries no frames by itself: `event` and `request` do.
 */
export const workerTransport =
  (
    nc: NatsConnection,
    settings: ConsumerSettings,
    host: (events: TransportEvents) => WorkerHost,
  ): OpenTransport =>
  (_, events) => {
    const life = new Subscription();
    const pulls: ConsumerMessages[] = [];
    const worker = host(events);

    function end(error: unknown): void {
      if (life.closed) return;
      stop();
      const permanent = error instanceof NatsError && error.kind === 'partitions';
      events.ended({ kind: 'failed', error, permanent });
    }

    function stop(): void {
      life.unsubscribe();
      for (const messages of pulls.splice(0)) messages.stop();
    }

    async function consume(
      { consumer }: DurableConsumer,
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
      if (life.closed) messages.stop();
      else pulls.push(messages);
      watch(messages).catch(end);
    }

    async function watch(messages: ConsumerMessages): Promise<void> {
      for await (const { type } of messages.status()) {
        if (type !== 'consumer_deleted' && type !== 'consumer_not_found') continue;
        end(new NatsError('setup', 'A consumer of the group was deleted on the server.'));
      }
    }

    async function open(): Promise<void> {
      await firstValueFrom(connectedOf(nc).pipe(filter(Boolean)), { defaultValue: false });
      const shared = await findShared(nc, settings.names);
      const count = await partitionsOf(shared.state, settings.names, settings.partitions);
      const consumers = await Promise.all(
        Array.from({ length: count }, (_, partition) =>
          partitionConsumer(shared, settings, partition),
        ),
      );
      const requests = await requestConsumer(shared, settings);
      if (life.closed) return;
      life.add(
        connectedOf(nc)
          .pipe(filter((isThere) => !isThere))
          .subscribe(() => {
            end(new Error('the connection to NATS was lost'));
          }),
      );
      if (life.closed as boolean) return;
      events.opened();
      worker.opened(shared, consumers);
      await Promise.all([
        consume(requests, (message) => {
          worker.request(message);
        }),
        ...consumers.map((consumer, partition) =>
          consume(consumer, (message) => {
            worker.event(partition, message);
          }),
        ),
      ]);
    }

    open().catch(end);
    return {
      send: () => undefined,
      close(closed) {
        stop();
        void worker.drained().then(closed);
      },
      abandon: stop,
    };
  };
