import { EnvelopeError, isRequestId, parseJson, type RequestId } from '../envelope/index.js';

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
  /** Some servers write `null` beside a result. */
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

/** Parses JSON whose integers beyond 2 ** 53 stay exact: they come as text. */
export const parseExactly = (text: string): unknown =>
  parseJson(hasLongInteger.test(text) ? keepLongIntegers(text) : text);

/** Like {@link readMessage} for a value that was parsed exactly; `source` is what an error shows. */
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

/** Whether a message without a method answers a call: with a result, or with an error that is one. */
function isAnswer(message: object, error: unknown): boolean {
  if (!('id' in message)) return false;
  const { code, message: said } = Object(error) as Partial<Record<keyof RpcError, unknown>>;
  const isError = typeof code === 'number' && typeof said === 'string';
  return isError || ('result' in message && (error === undefined || error === null));
}

/** Looks no closer than that it may be one: most frames have none. */
const hasLongInteger = /[:[,\s]-?\d{16}/;

/** Integers beyond 2 ** 53 come as their digits, in text: a number would not be the same any more. */
function keepLongIntegers(text: string): string {
  // Strings are not matched as a whole: on one of megabytes an expression runs out of stack.
  let isInString = false;
  return text.replace(/\\.|"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    if (token === '"') isInString = !isInString;
    const isInteger = !isInString && /^-?\d+$/.test(token);
    return isInteger && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
}

/** An id as it is sent back: the digits of a long integer without quotes, as they came. */
export const writeId = (id: RequestId): string =>
  typeof id === 'string' && /^-?\d{16,}$/.test(id) && !Number.isSafeInteger(Number(id))
    ? id
    : JSON.stringify(id);
