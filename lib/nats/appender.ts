import { isDurable, type Envelope } from '../envelope/index.js';
import type { Recovery } from '../requests/index.js';
import type { Linked } from './chain.js';
import { encode, gapType, header, recoveredType, type Outgoing } from './message.js';
import type { Outbox } from './outbox.js';
import { inParts } from './parts.js';
import { sha256 } from './sha256.js';
import { partitionOf, threadToken, type Names } from './subjects.js';

/**
 * Why events are missing in the stream:
 * - `source`: the connection of the publisher to the source was lost;
 * - `takeover`: no publisher was there, or the new one could not find its place;
 * - `overflow`: NATS was away for longer than the outbox could bear.
 */
export type GapReason = 'source' | 'takeover' | 'overflow';

/** The payload of a gap marker. */
export interface GapMarker {
  /** Its number in the stream: 1, 2, …. Each partition has one with this number. */
  readonly gap: number;
  readonly reason: GapReason;
  /** When it began: milliseconds since the epoch; 0 if that is not known. */
  readonly since: number;
  /** In ms. */
  readonly duration: number;
  /** How many events the publisher has dropped. */
  readonly dropped: number;
}

/** The payload of what follows a gap marker, once the source knows more. */
export interface RecoveredMarker extends Omit<Recovery, 'error'> {
  readonly gap: number;
  readonly error: string | null;
}

/** The most that is stored of what was recovered, in bytes: it goes into each partition. */
const maxRecovered = 256 * 1_024;

/** Makes messages of events and gaps, and drops what the outbox cannot hold. */
export interface Appender {
  append(linked: Linked, requestKey: string | null): void;
  /** Announces a gap in each partition; returns its number. */
  gap(marker: Omit<GapMarker, 'gap' | 'dropped'>): number;
  recovered(gap: number, recovery: Recovery): void;
  /** How many gaps a stream has had so far, by its last message. */
  resume(gaps: number): void;
  readonly counts: { readonly dropped: number; readonly gaps: number };
}

export function createAppender(
  outbox: Outbox,
  names: Names,
  partitions: number,
  place: () => string | null,
  maxPayload: () => number,
): Appender {
  const counts = { dropped: 0, gaps: 0 };
  let unannounced = 0;

  function push(message: Outgoing, partSubject: string): void {
    for (const part of inParts(message, partSubject, maxPayload())) outbox.push(part);
  }

  function headersOf(chain: string | null): Record<string, string> {
    const headers: Record<string, string> = {};
    if (counts.gaps > 0) headers[header.gaps] = String(counts.gaps);
    if (chain !== null) headers[header.chain] = chain;
    return headers;
  }

  function announce(type: string, payload: object, dropped = 0): void {
    const event: Envelope = { type, threadId: null, turnId: null, requestId: null, payload };
    const body = encode(event);
    for (let partition = 0; partition < partitions; partition++) {
      const message: Outgoing = {
        subject: names.event(partition, threadToken(null), type),
        payload: body,
        headers: headersOf(place()),
        durable: true,
        parts: 0,
        events: 0,
        announces: partition === 0 ? dropped : 0,
      };
      push(message, names.part(partition, threadToken(null)));
    }
  }

  function gap(marker: Omit<GapMarker, 'gap' | 'dropped'>): number {
    counts.gaps++;
    const dropped = unannounced;
    unannounced = 0;
    announce(gapType, { ...marker, gap: counts.gaps, dropped } satisfies GapMarker, dropped);
    return counts.gaps;
  }

  function drop(messages: readonly Pick<Outgoing, 'events' | 'announces'>[]): void {
    for (const { events, announces = 0 } of messages) {
      counts.dropped += events;
      unannounced += events + announces;
    }
  }

  return {
    append({ event, chain }, requestKey) {
      const durable = isDurable(event);
      if (outbox.isOverfull()) drop(outbox.clear());
      if (!durable && outbox.isFull()) {
        drop([{ events: 1 }]);
        return;
      }
      if (unannounced > 0 && !outbox.isFull()) gap({ reason: 'overflow', since: 0, duration: 0 });
      const token = threadToken(event.threadId);
      const partition = partitionOf(token, partitions);
      // What came by another way has the place of the event before it.
      const headers = headersOf(chain ?? place());
      // Header values are ASCII.
      if (requestKey !== null) headers[header.request] = encodeURIComponent(requestKey);
      const message: Outgoing = {
        subject: names.event(partition, token, event.type),
        payload: encode(event),
        headers,
        id: requestKey === null ? undefined : `req-${sha256(requestKey)}`,
        durable,
        parts: 0,
        events: 1,
      };
      push(message, names.part(partition, token));
    },
    gap,
    recovered(number, { recovered, complete, error, restarted }) {
      const isSmall = encode(recovered).length <= maxRecovered;
      announce(recoveredType, {
        gap: number,
        recovered: isSmall ? recovered : [],
        complete: complete && isSmall,
        error: error?.message ?? (isSmall ? null : 'What was recovered is too large to be stored.'),
        restarted: restarted ?? null,
      } satisfies RecoveredMarker);
    },
    resume(gaps) {
      counts.gaps = Math.max(counts.gaps, gaps);
    },
    counts,
  };
}
