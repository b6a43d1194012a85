import type { JetStreamManager } from '@nats-io/jetstream';
import { header, numberIn, type Position } from './message.js';
import type { Wire } from './outbox.js';
import type { Names } from './subjects.js';

/** Where a stream ends: behind this a new leader goes on. */
export interface Place extends Position {
  /** The hash of the last events that are stored; empty if the last one has none. */
  readonly chain: string;
  /** How many gaps there were so far. */
  readonly gaps: number;
  /** When the last event was stored: milliseconds since the epoch; `null` if there is none. */
  readonly storedAt: number | null;
}

export async function findPlace(wire: Wire, jsm: JetStreamManager, names: Names): Promise<Place> {
  const position = await wire.position();
  const stored = await jsm.streams.getMessage(names.stream, { last_by_subj: names.events });
  return {
    ...position,
    chain: stored?.header.get(header.chain) ?? '',
    gaps: numberIn(stored?.header, header.gaps),
    storedAt: stored?.time.getTime() ?? null,
  };
}
