import { headers, type NatsConnection } from '@nats-io/nats-core';
import { defer, filter, firstValueFrom, Subject, takeUntil, type Observable } from 'rxjs';
import { writeLog } from '../text/index.js';
import { connectedOf } from './connected.js';
import type { ConsumerSettings } from './consumer-options.js';
import type { Delivery } from './partition.js';
import type { Shared } from './setup.js';

/** An event that a group gave up. */
export interface DeadLetter {
  /** The number of the event in the stream. */
  readonly seq: number;
  readonly partition: number;
  /** Its subject in the stream: the last tokens are its thread and its type. */
  readonly subject: string;
  /** How often it was delivered. */
  readonly deliveries: number;
}

export interface Burials {
  readonly letters$: Observable<DeadLetter>;
  bury(delivery: Delivery): Promise<void>;
  complete(): void;
}

/** Stores what is given up in a separate stream, with where it came from in its headers. */
export function createBurials(
  nc: NatsConnection,
  settings: ConsumerSettings,
  shared: () => Shared,
): Burials {
  const { names, group } = settings;
  const letters = new Subject<DeadLetter>();
  return {
    letters$: letters.asObservable(),
    async bury({ message, partition, seq }) {
      const { subject, info, data } = message;
      const copied = headers();
      for (const name of message.headers?.keys() ?? []) {
        if (name.startsWith('Codex-')) copied.set(name, message.headers?.get(name) ?? '');
      }
      copied.set('Codex-Seq', String(seq));
      copied.set('Codex-Subject', subject);
      copied.set('Codex-Deliveries', String(info.deliveryCount));
      const thread = subject.split('.')[4] ?? '_';
      const publish$ = defer(() =>
        shared().js.publish(names.deadOf(group, partition, thread), data, {
          headers: copied,
          msgID: `${group}-${seq}`,
        }),
      );
      // The client would wait for the reply to what was lost with the connection.
      const lost$ = connectedOf(nc).pipe(filter((isThere) => !isThere));
      const stored = await firstValueFrom(publish$.pipe(takeUntil(lost$)), { defaultValue: null });
      if (stored === null) throw new Error('The connection was lost.');
      const deliveries = info.deliveryCount;
      writeLog(
        settings.stream.log,
        `event ${seq} became a dead letter: its handlers failed ${deliveries} times.`,
      );
      letters.next({ seq, partition, subject, deliveries });
    },
    complete() {
      letters.complete();
    },
  };
}
