import type { JetStreamManager } from '@nats-io/jetstream';
import type { Outgoing } from './message.js';

/** How large a piece of a large event is, in bytes. */
const partBytes = 512 * 1_024;

/** How much of the server's `max_payload` headers may take, in bytes. */
export const headerRoom = 16 * 1_024;

/** A message as the pieces of its body and the message itself, with an empty body; or as it is. */
export function inParts<M extends Outgoing>(
  message: M,
  partSubject: string,
  maxPayload: number,
): readonly (M | Outgoing)[] {
  const { payload } = message;
  if (payload.length <= maxPayload - headerRoom) return [message];
  const size = Math.min(partBytes, maxPayload - headerRoom);
  const parts: Outgoing[] = [];
  for (let start = 0; start < payload.length; start += size) {
    parts.push({
      subject: partSubject,
      payload: payload.subarray(start, start + size),
      headers: {},
      durable: true,
      parts: 0,
      events: 0,
    });
  }
  return [...parts, { ...message, payload: new Uint8Array(), durable: true, parts: parts.length }];
}

/** What the header of a message in parts says. */
export const partsHeader = (previous: number, parts: number): string =>
  `${previous - parts + 1}-${previous}`;

/** The most that is put together, in bytes: what a header says is not believed. */
const maxWhole = 256 * 2 ** 20;

/** The body of a message in parts; `null` if a piece is gone. */
export async function readParts(
  jsm: JetStreamManager,
  stream: string,
  partSubject: string,
  range: string,
): Promise<Uint8Array | null> {
  const [first, last] = range.split('-').map(Number) as [number, number];
  if (!(first > 0 && last >= first && (last - first) * 1_024 < maxWhole)) return null;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let seq = first; seq <= last; seq++) {
    const message = await jsm.direct.getMessage(stream, { seq }).catch(() => null);
    if (message?.subject !== partSubject) return null;
    pieces.push(message.data);
    length += message.data.length;
    if (length > maxWhole) return null;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
