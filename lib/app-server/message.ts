import { createBoundedMap } from '../bounded/index.js';
import { EnvelopeError, isRequestId, parseExactly, type RequestId } from '../envelope/index.js';

/** A message of JSON-RPC, as `codex app-server` writes it: without a `jsonrpc` member. */
export interface Notification {
  readonly method: string;
  readonly params?: unknown;
}

export interface Request extends Notification {
  readonly id: RequestId;
}

export interface Response {
  readonly id: RequestId;
  readonly result?: unknown;
  /** Some servers write `null` next to a result. */
  readonly error?: RpcError | null;
}

/** Why a call was refused, in the server's words. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export const isRequest = (message: Notification | Response): message is Request =>
  'method' in message && 'id' in message;

export const isResponse = (message: Notification | Response): message is Response =>
  !('method' in message);

/**
 * Reads a frame.
 *
 * @throws EnvelopeError for one that is no message.
 */
export const readMessage = (text: string): Notification | Request | Response =>
  toMessage(parseExactly(text), text);

/**
 * Like {@link readMessage} for a value that was parsed exactly; `source` is what an error shows.
 */
export function toMessage(
  message: unknown,
  source: unknown = message,
): Notification | Request | Response {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new EnvelopeError('not-an-object', source);
  }
  const { method, id, error } = message as { method?: unknown; id?: unknown; error?: unknown };
  const isCall = typeof method === 'string';
  if ('id' in message && !isRequestId(id)) throw new EnvelopeError('bad-request-id', source);
  if (!isCall && ('method' in message || !isAnswer(message, error))) {
    throw new EnvelopeError('no-type', source);
  }
  return message as Notification | Request | Response;
}

/**
 * Whether a message without a method answers a call: with a result, or with an error that is one.
 */
function isAnswer(message: object, error: unknown): boolean {
  if (!('id' in message)) return false;
  const { code, message: said } = Object(error) as Partial<Record<keyof RpcError, unknown>>;
  const isError = typeof code === 'number' && typeof said === 'string';
  return isError || ('result' in message && (error === undefined || error === null));
}

/** Whether an id is, or reads like, an integer beyond 2 ** 53: those come as text. */
const isLongInteger = (id: RequestId): id is string =>
  typeof id === 'string' && /^-?\d{16,}$/.test(id) && !Number.isSafeInteger(Number(id));

/** How the ids of a server's requests are written when they are answered. */
export interface IdWriter {
  /** Learns how the id of a request was written in its frame. */
  observe(id: RequestId, frame: string): void;
  /** An id as it came: a long integer as its digits, text in quotes. */
  readonly write: (id: RequestId) => string;
}

export function createIdWriter(): IdWriter {
  /** Ids that read like long integers and came as text. */
  const texts = createBoundedMap<string, true>(1_000);
  return {
    observe(id, frame) {
      if (!isLongInteger(id)) return;
      if (typeof (JSON.parse(frame) as Request).id === 'string') texts.set(id, true);
      else texts.delete(id);
    },
    write: (id) => (isLongInteger(id) && !texts.has(id) ? id : JSON.stringify(id)),
  };
}
