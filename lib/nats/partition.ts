import type { DeliveryInfo, JsMsg } from '@nats-io/jetstream';
import { Subscription, timer } from 'rxjs';

/** A message of a partition, which is acknowledged, tried again, or kept. */
export type Received = Pick<
  JsMsg,
  'seq' | 'subject' | 'headers' | 'data' | 'redelivered' | 'ack' | 'nak' | 'working'
> & { readonly info: Pick<DeliveryInfo, 'deliveryCount'> };

/** An event of a partition on its way through the handlers. */
export interface Delivery {
  readonly partition: number;
  readonly seq: number;
  readonly redelivered: boolean;
  readonly message: Received;
  /** Whether it was handed to the router, which will call `settled`. */
  taken: boolean;
  readonly settled: (failed: boolean) => void;
}

export interface PartitionHost {
  /** Hands a message on; if it is not taken then, there is nothing to wait for. */
  deliver(delivery: Delivery): void | Promise<void>;
  /** How long the server waits for a sign of life, in ms. */
  readonly ackWait: number;
  /** After a failure: when to try again, in ms; `null`: not any more. */
  retryAfter(deliveries: number): number | null;
  /** Stores an event that was given up. */
  bury(delivery: Delivery): Promise<void>;
  /** Runs a task when there is a connection. */
  whenConnected(task: () => void): void;
  onIdle(): void;
}

/** How long an event waits that could not be stored as a dead letter, in ms. */
const buryPause = 5_000;

/**
 * The events of a partition, one at a time. At most one of them is under way, so what comes with an
 * earlier sequence than one that has come is a copy: after a crash of the server or of a worker,
 * events come again that were acknowledged.
 */
export class Partition {
  /** All events up to this sequence were acknowledged, here or by another worker. */
  #watermark = 0;
  #running: { delivery: Delivery; message: Received; readonly alive: Subscription } | null = null;
  #waiting: Received | null = null;
  #isSettled = false;
  rewound = 0;

  constructor(
    readonly number: number,
    private readonly host: PartitionHost,
  ) {}

  get isIdle(): boolean {
    return this.#running === null;
  }

  /** Whether handlers still work on an event. */
  get isHandling(): boolean {
    return this.#running !== null && !this.#isSettled;
  }

  get watermark(): number {
    return this.#watermark;
  }

  receive(message: Received): void {
    const { seq } = message;
    const running = this.#running;
    if (seq <= this.#watermark) {
      this.rewound++;
      message.ack();
    } else if (running === null) this.#start(message);
    // The same event again, perhaps on another connection: its end is reported on this one.
    else if (seq === running.delivery.seq) {
      running.message = message;
      message.working();
    } else this.#waiting = message;
  }

  /** What was received and did not begin is left to the other workers. */
  stop(): void {
    this.#waiting?.nak();
    this.#waiting = null;
  }

  #start(message: Received): void {
    const { seq, redelivered } = message;
    this.#watermark = seq - 1;
    this.#isSettled = false;
    const delivery: Delivery = {
      partition: this.number,
      seq,
      redelivered,
      message,
      taken: false,
      settled: (failed) => {
        if (this.#running?.delivery === delivery) this.#settle(failed);
      },
    };
    const pause = this.host.ackWait / 3;
    const alive = timer(pause, pause).subscribe(() => {
      this.host.whenConnected(() => {
        this.#running?.message.working();
      });
    });
    this.#running = { delivery, message, alive };
    const done = (): void => {
      if (!delivery.taken) this.#finish(delivery, true);
    };
    const delivering = this.host.deliver(delivery);
    if (delivering) void delivering.then(done, done);
    else done();
  }

  #settle(failed: boolean): void {
    const running = this.#running;
    if (!running) return;
    const { delivery } = running;
    this.#isSettled = true;
    if (!failed) {
      this.#finish(delivery, true);
      return;
    }
    const delay = this.host.retryAfter(running.message.info.deliveryCount);
    if (delay !== null) this.#finish(delivery, false, delay);
    else {
      this.host.onIdle();
      this.host.bury(delivery).then(
        () => {
          this.#finish(delivery, true);
        },
        () => {
          this.#finish(delivery, false, buryPause);
        },
      );
    }
  }

  #finish(delivery: Delivery, isDone: boolean, delay = 0): void {
    const running = this.#running;
    if (running?.delivery !== delivery) return;
    running.alive.unsubscribe();
    this.#running = null;
    if (isDone) this.#watermark = delivery.seq;
    const { message } = running;
    this.host.whenConnected(() => {
      if (isDone) message.ack();
      else message.nak(delay);
    });
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) this.receive(waiting);
    else this.host.onIdle();
  }
}
