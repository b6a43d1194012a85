import type { MsgHdrs } from '@nats-io/nats-core';

/** The headers of a stored message. */
export const header = {
  /** Which publisher has written it: terms grow from leader to leader. */
  term: 'Codex-Term',
  /** Its number within the term. */
  number: 'Codex-Number',
  /** How many gaps there were so far. */
  gaps: 'Codex-Gap',
  /** The hash of the last events up to this one, by which a standby finds its place. */
  chain: 'Codex-Chain',
  /** The key of the server request that it announces. */
  request: 'Codex-Request',
  /** The sequences of its pieces, if it is too large for one message: `first-last`. */
  parts: 'Codex-Parts',
} as const;

/** The types of messages in the stream that are no events of the source. */
export const gapType = 'codex_rx.gap';
export const recoveredType = 'codex_rx.recovered';
/** Stands for an event of which a part is gone. */
export const truncatedType = 'codex_rx.truncated';

/** A message on its way into the stream. */
export interface Outgoing {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** What JetStream knows duplicates by. Left out: term and number. */
  readonly id?: string | undefined;
  /** Whether it may not be dropped. */
  readonly durable: boolean;
  /** How many pieces of it come right before it. */
  readonly parts: number;
  /** How many events are lost without it: one, or none. */
  readonly events: number;
  /** How many lost events a gap marker counts. */
  readonly announces?: number;
}

/** Where in the stream a publisher is. */
export interface Position {
  /** The last sequence of the stream. */
  readonly last: number;
  /** Of the last message that there is; 0 if there is none. */
  readonly term: number;
  readonly number: number;
}

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

export const encode = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

export const textOf = (data: Uint8Array): string => decoder.decode(data);

/** A number in a header; 0 if there is none. */
export const numberIn = (headers: MsgHdrs | undefined, name: string): number =>
  Number(headers?.get(name)) || 0;
