import type { Envelope } from './envelope.js';
import { EnvelopeError } from './envelope-error.js';
import { findRequestId, findThreadId, findTurnId, isRequestId } from './identity.js';

/** A frame's members by the names that servers use for them. */
interface Frame {
  readonly [member: string]: unknown;
  readonly type?: unknown;
  readonly payload?: unknown;
  readonly threadId?: unknown;
  readonly thread_id?: unknown;
  readonly turnId?: unknown;
  readonly turn_id?: unknown;
  readonly requestId?: unknown;
  readonly request_id?: unknown;
}

/**
 * Reads one frame: JSON text, or a value that was parsed already.
 *
 * Ids are taken from the frame, otherwise from where they hide in the payload. A missing payload
 * reads as `null`. Reading an envelope gives an equal envelope.
 *
 * @throws EnvelopeError if the frame is no envelope; it says why and shows a bounded excerpt.
 */
export function parseEnvelope(frame: unknown): Envelope {
  return toEnvelope(typeof frame === 'string' ? parseJson(frame) : frame, frame);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EnvelopeError(text === '' ? 'empty' : 'not-json', text, { cause });
  }
}

/** Like {@link parseEnvelope} for a parsed value; `source` is what an error shows. */
export function toEnvelope(value: unknown, source: unknown = value): Envelope {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EnvelopeError('not-an-object', source);
  }
  const frame = value as Frame;
  const { type, payload = null } = frame;
  if (typeof type !== 'string') throw new EnvelopeError('no-type', source);
  const threadId = frame.threadId ?? frame.thread_id ?? findThreadId(payload);
  const turnId = frame.turnId ?? frame.turn_id ?? findTurnId(payload);
  const requestId = frame.requestId ?? frame.request_id ?? findRequestId(type, payload);
  if (threadId !== null && typeof threadId !== 'string') {
    throw new EnvelopeError('bad-thread-id', source);
  }
  if (turnId !== null && typeof turnId !== 'string') throw new EnvelopeError('bad-turn-id', source);
  if (requestId !== null && !isRequestId(requestId)) {
    throw new EnvelopeError('bad-request-id', source);
  }
  const envelope: Envelope = { type, threadId, turnId, requestId, payload };
  for (const member in frame) {
    if (!known.has(member)) return { ...rest(frame), ...envelope };
  }
  return envelope;
}

const known: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'type',
  'threadId',
  'thread_id',
  'turnId',
  'turn_id',
  'requestId',
  'request_id',
  'payload',
]);

const rest = (frame: Frame): Partial<Frame> =>
  Object.fromEntries(Object.entries(frame).filter(([member]) => !known.has(member)));
