import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import { connectedOf } from './connected.js';
import { header, numberIn } from './message.js';
import type { Numbered, Wire } from './outbox.js';
import { partsHeader } from './parts.js';
import type { Shared } from './setup.js';
import type { Names } from './subjects.js';

/** How long the server may take to acknowledge a message, in ms. */
const publishTimeout = 5_000;

/** The outbox's way to a stream. */
export const wireTo = (
  nc: NatsConnection,
  { js, jsm }: Pick<Shared, 'js' | 'jsm'>,
  names: Pick<Names, 'stream' | 'all'>,
): Wire => ({
  connected$: connectedOf(nc),
  publish: (message, expected) =>
    js.publish(message.subject, message.payload, {
      headers: headersOf(message, expected),
      msgID: message.id ?? `${message.term}-${message.number}`,
      expect: { streamName: names.stream, lastSequence: expected },
      timeout: publishTimeout,
    }),
  async position() {
    const { state } = await jsm.streams.info(names.stream);
    const message = await jsm.streams.getMessage(names.stream, { last_by_subj: names.all });
    return {
      last: state.last_seq,
      term: numberIn(message?.header, header.term),
      number: numberIn(message?.header, header.number),
    };
  },
});

function headersOf(message: Numbered, expected: number): MsgHdrs {
  const all = headers();
  for (const [name, value] of Object.entries(message.headers)) all.set(name, value);
  all.set(header.term, String(message.term));
  all.set(header.number, String(message.number));
  if (message.parts > 0) all.set(header.parts, partsHeader(expected, message.parts));
  return all;
}
