import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { noop, Subscription, timer } from 'rxjs';
import { Checkpoint, mostUncovered, pendingBehind } from './checkpoints.js';
import type { HeldLease } from './lease.js';
import type { ReadingHost } from './reading.js';
import { removals } from './retention.js';

/** How many events of a partition a worker has read in advance at most. */
const readAhead = 64;

/** How long the server keeps the consumer of a process that has died, in ns. */
const inactive = 30e9;

/** A partition while this worker leases it. */
export interface LeasedPartition {
  /** Begins no more events. Resolves when the one that runs is behind the checkpoint. */
  leave(): Promise<void>;
  /** Begins no more events, and writes nothing more: what runs is another worker's too. */
  abandon(): void;
}

export interface LeasedHost extends ReadingHost {
  readonly overtaken: () => void;
  /** The lease is of no use any more. */
  readonly lost: () => void;
}

/** Reads a partition behind its checkpoint, one event after the other, while the lease is valid. */
export function readLeased(
  host: LeasedHost,
  partition: number,
  { term, isValid }: HeldLease,
): LeasedPartition {
  const { shared, settings } = host;
  const { names } = settings;
  const life = new Subscription();
  let checkpoint: Checkpoint | null = null;
  let retrying = Subscription.EMPTY;
  let isHandled = true;
  /** How many events, from here up to `lastAtFirst`, a worker that has died may have handled. */
  let copies = 0;
  let lastAtFirst = Infinity;
  /** Goes on behind the event that was handed on last. */
  let goOn: () => void = noop;

  async function read(): Promise<void> {
    const opened = await Checkpoint.open(host, partition, term, host.lost);
    checkpoint = opened;
    copies = opened.found.isOpen ? mostUncovered : 0;
    if (life.closed) return;
    const consumer = await shared.js.consumers.get(names.stream, {
      filter_subjects: names.partition(partition),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: opened.seq + 1,
      inactive_threshold: inactive,
    });
    // To stop leaves it on the server.
    life.add(() => void consumer.delete().catch(noop));
    const { num_pending: pending } = await consumer.info(true);
    lastAtFirst = (await shared.jsm.streams.info(names.stream)).state.last_seq;
    const progress = {
      began: pending > 0 ? opened.seq : 0,
      async floor(last: number): Promise<number> {
        // Not by the consumer that is read: asked for this, nats-server 2.9 becomes far slower.
        if ((await pendingBehind(host, partition, opened.seq)) === 0) opened.advance(last, 0);
        return opened.seq;
      },
    };
    if (life.closed as boolean) return;
    life.add(removals(shared, names, [progress]).subscribe(host.overtaken));
    const messages = await consumer.consume({ max_messages: readAhead });
    life.add(() => {
      messages.stop();
    });
    for await (const message of messages) {
      await opened.room();
      // The process may have been frozen: its timers run after this.
      if ((life.closed as boolean) || !isValid()) break;
      await handle(opened, message, copies-- > 0 && message.seq <= lastAtFirst);
    }
  }

  /** Resolves when an event is handled; or when it is left, not handled, to another worker. */
  function handle(checkpoint: Checkpoint, message: JsMsg, isCopy: boolean): Promise<void> {
    const { seq, subject, headers, data } = message;
    isHandled = false;
    return new Promise((resolve) => {
      goOn = resolve;
      const hand = (deliveryCount: number): void => {
        host.event(partition, {
          ...{ seq, subject, headers, data },
          info: { deliveryCount },
          redelivered: isCopy || deliveryCount > 1,
          working: noop,
          ack() {
            isHandled = true;
            checkpoint.advance(seq, 1);
            resolve();
          },
          nak(delay = 0) {
            if (life.closed) resolve();
            else {
              retrying = timer(delay).subscribe(() => {
                if (isValid()) hand(deliveryCount + 1);
                else resolve();
              });
            }
          },
        });
      };
      hand(1);
    });
  }

  function stop(): void {
    life.unsubscribe();
    if (!retrying.closed) goOn();
    retrying.unsubscribe();
  }

  const reading = read().then(
    () => {
      if (!life.closed) host.lost();
    },
    (error: unknown) => {
      if (!life.closed) host.fail(error);
    },
  );

  return {
    async leave() {
      stop();
      await reading;
      if (checkpoint === null) return;
      await checkpoint.close(!isHandled || (copies > 0 && checkpoint.seq < lastAtFirst));
    },
    abandon() {
      stop();
      goOn();
      checkpoint?.stop();
    },
  };
}
