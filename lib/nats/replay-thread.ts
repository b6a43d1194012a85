import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Observable } from 'rxjs';
import { mustBe, mustBeKnown } from '../options/index.js';
import { parseEnvelope, type Envelope } from '../envelope/index.js';
import { bodyOf } from './body.js';
import { header, numberIn } from './message.js';
import { findShared, partitionsOf, type Shared } from './setup.js';
import { namesOf, partitionOf, threadToken, type Names } from './subjects.js';

/** The options of `replayThread`. */
export interface ReplayOptions {
  /** Whose events these are, as the publisher names it. */
  readonly tenant: string;
  /** The thread; `null`: the events of none. */
  readonly threadId: string | null;
  /**
   * Only what comes after this sequence.
   *
   * @default 0, all that is kept
   */
  readonly after?: number;
  /**
   * Whether to go on with what is published later.
   *
   * @default false
   */
  readonly follow?: boolean;
}

/** An event of a thread as it is stored. */
export interface StoredEvent {
  /** Its number in the stream of the tenant: it grows, with holes, and never comes again. */
  readonly seq: number;
  readonly event: Envelope;
  /** When it was stored: milliseconds since the epoch. */
  readonly storedAt: number;
  /**
   * Whether events may be missing before it: there was a gap since the event before, or the server
   * has removed what followed `after`.
   */
  readonly afterGap: boolean;
}

/** How long the server keeps the consumer of a process that has died, in ns. */
const inactive = 30e9;

/**
 * Reads what is stored of a thread, in order. Completes at the end of it, unless it shall `follow`;
 * errors if there is no such stream, or the connection is closed.
 *
 * @example
 * replayThread(nc, { tenant: 'acme', threadId }).subscribe(({ seq, event }) => show(seq, event));
 *
 * @throws TypeError that names the option that is wrong.
 */
export function replayThread(nc: NatsConnection, options: ReplayOptions): Observable<StoredEvent> {
  mustBeKnown('', options, ['tenant', 'threadId', 'after', 'follow']);
  const { tenant, threadId, after = 0, follow = false } = options;
  mustBe(Number.isInteger(after) && after >= 0, 'after', 'a whole number, 0 or more', after);
  const names = namesOf(tenant);
  return new Observable((subscriber) => {
    const abort = new AbortController();
    read(nc, names, { threadId, after, follow }, abort.signal, (event) => {
      subscriber.next(event);
    }).then(
      () => {
        subscriber.complete();
      },
      (error: unknown) => {
        subscriber.error(error);
      },
    );
    return () => {
      abort.abort();
    };
  });
}

async function read(
  nc: NatsConnection,
  names: Names,
  { threadId, after, follow }: Required<Omit<ReplayOptions, 'tenant'>>,
  signal: AbortSignal,
  emit: (event: StoredEvent) => void,
): Promise<void> {
  const shared = await findShared(nc, names);
  const { js, jsm } = shared;
  const token = threadToken(threadId);
  const partition = partitionOf(token, await partitionsOf(shared.state, names, null));
  const { state } = await jsm.streams.info(names.stream);
  const consumer = await js.consumers.get(names.stream, {
    filter_subjects: names.thread(partition, token),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(after + 1, 1),
    inactive_threshold: inactive,
  });
  try {
    const { num_pending: pending } = await consumer.info();
    if (signal.aborted || (pending === 0 && !follow)) return;
    const messages = await consumer.consume();
    const stop = (): void => {
      messages.stop();
    };
    signal.addEventListener('abort', stop);
    let gaps: number | null = null;
    const isOvertaken = after > 0 && state.first_seq > after + 1;
    for await (const message of messages) {
      const before = gaps;
      gaps = numberIn(message.headers, header.gaps);
      const event = await eventOf(message, shared, names);
      const afterGap = before === null ? isOvertaken : gaps > before;
      if (event) emit({ seq: message.seq, event, storedAt: message.time.getTime(), afterGap });
      // What stops the messages ends the loop.
      if (!follow && message.info.pending === 0) break;
    }
    signal.removeEventListener('abort', stop);
  } finally {
    // To stop leaves it on the server.
    await consumer.delete().catch(() => undefined);
  }
}

/** `null` for what cannot be read, and for markers. */
async function eventOf(message: JsMsg, shared: Shared, names: Names): Promise<Envelope | null> {
  try {
    const event = parseEnvelope(await bodyOf(message, shared, names));
    const isMarker = event.type.startsWith('codex_rx.') && event.threadId === null;
    return isMarker ? null : event;
  } catch {
    return null;
  }
}
