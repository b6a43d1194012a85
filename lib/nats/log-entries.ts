import type { JetStreamManager } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/nats-core';
import type { LogEntry, LogRecord } from '../gateway/index.js';
import { encode, header, truncatedType, type Outgoing } from './message.js';
import { readParts } from './parts.js';
import { threadToken, type LogNames } from './subjects.js';

/** A message of a log, with what it stores: nothing for a piece of a large record. */
export interface LogMessage extends Outgoing {
  readonly record?: LogRecord;
}

/** What a record is besides its frame, as JSON in ASCII. */
const recordHeader = 'Codex-Record';

export function messageOf(record: LogRecord, names: LogNames): LogMessage {
  const { frame, ...facts } = record;
  return {
    subject: names.entry(threadToken(record.threadId)),
    payload: frame,
    headers: { [recordHeader]: asciiOf(facts) },
    durable: true,
    parts: 0,
    events: 1,
    record,
  };
}

/** JSON leaves lone surrogates escaped; header values are ASCII. */
const asciiOf = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A number that no reader gets: of a piece of a large record, or of one that was removed. */
export const placeholder = (seq: number): LogEntry => ({
  seq,
  type: '',
  threadId: null,
  requestKey: null,
  at: 0,
  frame: new Uint8Array(),
});

/** What is read of a stored message. */
interface StoredMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly header: MsgHdrs;
}

/** The entry of a stored message. If a piece of it is gone, an event says so in its place. */
export async function entryOf(
  seq: number,
  message: StoredMessage,
  jsm: JetStreamManager,
  names: LogNames,
): Promise<LogEntry> {
  const text = message.header.get(recordHeader);
  if (!text) return placeholder(seq);
  const facts = JSON.parse(text) as Omit<LogRecord, 'frame'>;
  const range = message.header.get(header.parts);
  if (!range) return { ...facts, seq, frame: message.data };
  const whole = await readParts(jsm, names.stream, names.part(threadToken(facts.threadId)), range);
  if (whole) return { ...facts, seq, frame: whole };
  const { type, threadId } = facts;
  const frame = encode({ type: truncatedType, threadId, payload: { type } });
  return { ...facts, type: truncatedType, requestKey: null, seq, frame };
}
