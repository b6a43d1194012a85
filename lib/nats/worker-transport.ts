import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { filter, firstValueFrom, Subscription } from 'rxjs';
import type { OpenTransport, TransportEvents } from '../socket/index.js';
import { connectedOf, flushed } from './connected.js';
import type { ConsumerSettings } from './consumer-options.js';
import { consume, requestConsumer } from './consumers.js';
import { durableReading } from './durable-reading.js';
import { leasedReading } from './leased-reading.js';
import { NatsError } from './nats-error.js';
import type { Received } from './partition.js';
import { pause } from './pause.js';
import type { Reading } from './reading.js';
import { findShared, partitionsOf, type Shared } from './setup.js';

/** What a worker does with what it consumes. */
export interface WorkerHost {
  /** All is there: the first message comes after this. */
  opened(shared: Shared, reading: Reading): void;
  readonly event: (partition: number, message: Received) => void;
  readonly request: (message: JsMsg) => void;
  /** Resolves when no handler runs any more, or not soon enough. */
  drained(): Promise<void>;
}

/** How long what a worker gives back may take to reach the server, in ms. */
const leaveTimeout = 1_000;

/**
 * What a group reads as a transport that comes back: it is open while there is a connection to NATS
 * and the consumers are there. It carries no frames by itself: `event` and `request` do.
 */
export function workerTransport(
  nc: NatsConnection,
  settings: ConsumerSettings,
  host: (events: TransportEvents) => WorkerHost,
): OpenTransport {
  const id = globalThis.crypto.randomUUID();
  return (_, events) => {
    const life = new Subscription();
    const worker = host(events);
    let reading: Reading | null = null;

    function end(error: unknown): void {
      if (life.closed) return;
      stop();
      const isKnown = error instanceof NatsError;
      const permanent = isKnown && (error.kind === 'partitions' || error.kind === 'mode');
      events.ended({ kind: 'failed', error, permanent });
    }

    function stop(): void {
      life.unsubscribe();
      reading?.abandon();
    }

    async function open(): Promise<void> {
      await firstValueFrom(connectedOf(nc).pipe(filter(Boolean)), { defaultValue: false });
      const shared = await findShared(nc, settings.names);
      const partitions = await partitionsOf(shared.state, settings.names, settings.partitions);
      const { event } = worker;
      const mine = { shared, settings, partitions, life, event, fail: end };
      const opened =
        settings.mode === 'one' ? await durableReading(mine) : await leasedReading(nc, mine, id);
      const requests = await requestConsumer(shared, settings);
      if (life.closed) return;
      reading = opened;
      life.add(
        connectedOf(nc)
          .pipe(filter((isThere) => !isThere))
          .subscribe(() => {
            end(new Error('the connection to NATS was lost'));
          }),
      );
      if (life.closed as boolean) return;
      events.opened();
      worker.opened(shared, opened);
      await Promise.all([consume(requests, mine, worker.request), opened.start()]);
    }

    async function close(): Promise<void> {
      life.unsubscribe();
      const left = reading?.leave();
      await worker.drained();
      await Promise.all([
        // Lets the last acknowledgement be sent.
        nc.info === undefined ? null : flushed(nc),
        Promise.race([left, pause(leaveTimeout)]),
      ]);
    }

    open().catch(end);
    return {
      send: () => undefined,
      close(closed) {
        void close().then(closed);
      },
      abandon: stop,
    };
  };
}
