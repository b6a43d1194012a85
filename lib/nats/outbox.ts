import { retry, Subscription, switchMap, timer, type Observable } from 'rxjs';
import type { Outgoing, Position } from './message.js';

/** How an outbox reaches the stream. */
export interface Wire {
  /** Whether there is a connection: now, and whenever that changes. */
  readonly connected$: Observable<boolean>;
  /** Stores a message if the last sequence of the stream is `expected`. */
  publish(message: Numbered, expected: number): Promise<Stored>;
  readonly position: () => Promise<Position>;
}

export interface Stored {
  readonly seq: number;
  readonly duplicate: boolean;
}

export type Numbered<M extends Outgoing = Outgoing> = M & {
  readonly term: number;
  readonly number: number;
};

export interface OutboxSettings {
  /** How many messages may be on their way at once. */
  readonly window: number;
  /** How many messages may wait; what may not be dropped waits up to four times it. */
  readonly bound: number;
  /** The same in bytes. */
  readonly maxBytes: number;
}

export interface OutboxEvents<M extends Outgoing = Outgoing> {
  /** A message is stored; `seq` is 0 if it was found later that it is, and it is not the last. */
  stored(message: Numbered<M>, seq: number): void;
  /** Another publisher has taken over. */
  fenced(): void;
  /** An earlier publisher has stored more before this one has stored anything. */
  displaced(): void;
  /** To publish failed; it is tried again. */
  failed(error: unknown): void;
}

/**
 * Messages that wait to be stored, in their order. Each is published with the sequence that has to
 * be the last one, so a pipeline never reorders, and a publisher that was replaced is refused.
 * After any failure what was stored is read from the stream.
 */
export interface Outbox<M extends Outgoing = Outgoing> {
  push(message: M): void;
  /**
   * Publishes what waits and what comes, under a term.
   *
   * @param last The last sequence of the stream, behind which it begins.
   */
  start(term: number, last: number): void;
  /** Publishes no more, and keeps what waits. */
  pause(): void;
  /** Publishes no more, and forgets what waits. */
  stop(): void;
  /** Forgets what waits and is not on its way, and returns it. */
  clear(): readonly M[];
  /** Whether `bound` is reached, or four times it. */
  readonly isFull: () => boolean;
  readonly isOverfull: () => boolean;
  readonly state: () => { queued: number; inFlight: number; last: number };
}

/** The longest pause after failures in a row, in ms. */
const maxPause = 5_000;

export function createOutbox<M extends Outgoing = Outgoing>(
  wire: Wire,
  { window, bound, maxBytes }: OutboxSettings,
  events: OutboxEvents<M>,
): Outbox<M> {
  let queue: Numbered<M>[] = [];
  /** How many messages at the front of `queue` are stored. */
  let head = 0;
  let inFlight = 0;
  let bytes = 0;
  let last = 0;
  let term = 0;
  let number = 0;
  /** What was published before a failure is of an earlier epoch: its outcome is ignored. */
  let epoch = 0;
  let failures = 0;
  let isSynced = false;
  let isConnected = false;
  let syncing = Subscription.EMPTY;
  /** The last sequence before this term. */
  let base = 0;
  let lifetime = Subscription.EMPTY;

  const queued = (): number => queue.length - head;

  function shift(): void {
    bytes -= (queue[head] as Numbered<M>).payload.length;
    head++;
    if (head < 1_024 || head * 2 < queue.length) return;
    queue = queue.slice(head);
    head = 0;
  }

  function pump(): void {
    while (isSynced && inFlight < window && inFlight < queued()) {
      const message = queue[head + inFlight] as Numbered<M>;
      const [expected, began] = [last + inFlight, epoch];
      inFlight++;
      wire.publish(message, expected).then(
        (stored) => {
          if (began === epoch) acknowledge(message, stored);
        },
        (error: unknown) => {
          if (began !== epoch) return;
          failures++;
          events.failed(error);
          sync();
        },
      );
    }
  }

  function acknowledge(message: Numbered<M>, { seq, duplicate }: Stored): void {
    if (queue[head] !== message) {
      sync();
      return;
    }
    shift();
    failures = 0;
    // A duplicate: the last sequence has not grown, and what is on its way expects that it has.
    if (duplicate) sync();
    else {
      inFlight--;
      last = seq;
    }
    // Last: it may push more.
    events.stored(message, seq);
    pump();
  }

  /** Learns from the stream what of this term is stored. */
  function sync(): void {
    epoch++;
    inFlight = 0;
    isSynced = false;
    syncing.unsubscribe();
    if (!isConnected) return;
    const pause = failures === 0 ? 0 : Math.min(50 * 2 ** failures, maxPause);
    syncing = timer(pause)
      .pipe(
        switchMap(wire.position),
        retry({
          delay(error: unknown, count) {
            events.failed(error);
            return timer(Math.min(50 * 2 ** count, maxPause));
          },
        }),
      )
      .subscribe(synced);
  }

  function synced(position: Position): void {
    if (position.term > term) {
      events.fenced();
      return;
    }
    if (position.term < term && position.last !== base) {
      events.displaced();
      return;
    }
    last = position.last;
    while (queued() > 0) {
      const message = queue[head] as Numbered<M>;
      const isStored =
        message.term < position.term ||
        (message.term === position.term && message.number <= position.number);
      if (!isStored) break;
      shift();
      const isLast = message.term === position.term && message.number === position.number;
      events.stored(message, isLast ? position.last : 0);
    }
    isSynced = true;
    pump();
  }

  function pause(): void {
    lifetime.unsubscribe();
    syncing.unsubscribe();
    epoch++;
    isSynced = false;
    inFlight = 0;
  }

  const isFull = (factor: number): boolean =>
    queued() >= bound * factor || bytes >= maxBytes * factor;

  return {
    push(message) {
      queue.push({ ...message, term, number: ++number });
      bytes += message.payload.length;
      pump();
    },
    start(newTerm, position) {
      pause();
      [term, base, last, number] = [newTerm, position, position, 0];
      isSynced = true;
      isConnected = true;
      lifetime = wire.connected$.subscribe((connected) => {
        if (connected === isConnected) return;
        isConnected = connected;
        sync();
      });
      pump();
    },
    pause,
    stop() {
      pause();
      queue = [];
      [head, bytes] = [0, 0];
    },
    clear() {
      const removed = queue.splice(head + inFlight);
      for (const { payload } of removed) bytes -= payload.length;
      return removed;
    },
    isFull: () => isFull(1),
    isOverfull: () => isFull(4),
    state: () => ({ queued: queued(), inFlight, last }),
  };
}
