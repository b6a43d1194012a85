import type { Envelope } from './envelope.js';
import { EnvelopeError, type EnvelopeFault } from './envelope-error.js';
import { findRequestId, findThreadId, findTurnId, isRequestId } from './identity.js';
import { knownType } from './known-type.js';
import { parseExactly, parseFrame } from './parse-json.js';

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
 * Ids are taken from the frame, or else from the payload. A missing payload reads as `null`.
 * Reading an envelope gives an equal envelope.
 *
 * @throws EnvelopeError if the frame is no envelope; it says why and shows a bounded excerpt.
 */
export function parseEnvelope(frame: unknown): Envelope {
  return typeof frame === 'string' ? ofText(frame, parseFrame(frame)) : toEnvelope(frame);
}

/**
 * Reads what was parsed of the text of a frame: the id of a request is exact, also beyond 2 ** 53.
 */
export function ofText(text: string, value: unknown): Envelope {
  const envelope = toEnvelope(value, text);
  const { requestId } = envelope;
  const isRounded = typeof requestId === 'number' && !Number.isSafeInteger(requestId);
  return isRounded ? toEnvelope(parseExactly(text)) : envelope;
}

/** Like {@link parseEnvelope} for a parsed value; `source` is what an error shows. */
export function toEnvelope(value: unknown, source: unknown = value): Envelope {
  check(
    typeof value === 'object' && value !== null && !Array.isArray(value),
    'not-an-object',
    source,
  );
  const frame = value as Frame;
  const { type: given, payload = null } = frame;
  check(typeof given === 'string', 'no-type', source);
  const { type, mayNameRequest } = knownType(given);
  const threadId = frame.threadId ?? frame.thread_id ?? findThreadId(payload);
  const turnId = frame.turnId ?? frame.turn_id ?? findTurnId(payload);
  const requestId =
    frame.requestId ?? frame.request_id ?? (mayNameRequest ? findRequestId(type, payload) : null);
  check(threadId === null || typeof threadId === 'string', 'bad-thread-id', source);
  check(turnId === null || typeof turnId === 'string', 'bad-turn-id', source);
  check(requestId === null || isRequestId(requestId), 'bad-request-id', source);
  const envelope: Envelope = { type, threadId, turnId, requestId, payload };
  for (const member in frame) {
    // The members of every frame first: to compare is cheaper than to look up.
    const isUsual = member === 'type' || member === 'threadId' || member === 'payload';
    if (!isUsual && !known.has(member)) return withRest(envelope, frame);
  }
  return envelope;
}

function check(ok: boolean, reason: EnvelopeFault, source: unknown): asserts ok {
  if (!ok) throw new EnvelopeError(reason, source);
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
  // Of a gateway: what is known of the event, and not the event.
  'seq',
  'requestKey',
]);

/** The envelope with the members of its frame that this library does not know. */
function withRest(envelope: Envelope, frame: Frame): Envelope {
  const whole = { ...frame, ...envelope };
  for (const name of known) if (!(name in envelope)) Reflect.deleteProperty(whole, name);
  return whole;
}
