import { visibleText } from '../text/index.js';
import type { RpcError } from './message.js';

/**
 * Why a call has no result:
 * - `refused`: the server answered with an error; `code`, `message` and `data` are its own;
 * - `timeout`: there was no answer in time;
 * - `lost`: the connection was lost before there was an answer;
 * - `aborted`: the `signal` of the call was aborted;
 * - `closed`: the stream is closed.
 */
export type CallFault = 'refused' | 'timeout' | 'lost' | 'aborted' | 'closed';

/** A call that has no result. */
export class CallError extends Error {
  override readonly name = 'CallError';

  constructor(
    readonly kind: CallFault,
    readonly method: string,
    message: string,
    /** Whether it was sent and not refused: then the server may have done what it was asked for. */
    readonly outcomeUnknown: boolean,
    /** The code of JSON-RPC, if it was `refused`. */
    readonly code: number | null = null,
    /** What the server sent in addition to its message. */
    readonly data: unknown = null,
    options?: ErrorOptions,
  ) {
    super(visibleText(`${method}: ${message}`), options);
  }
}

export const refused = (method: string, { code, message, data = null }: RpcError): CallError =>
  new CallError('refused', method, `${message} (code ${code})`, false, code, data);

/** What happens to a call that was sent. */
const mayHaveRun = 'It may have been carried out: it is not sent again.';

export function unanswered(
  kind: Exclude<CallFault, 'refused'>,
  method: string,
  what: string,
  wasSent: boolean,
  cause?: unknown,
): CallError {
  const message = wasSent ? `${what} ${mayHaveRun}` : `${what} It was not sent.`;
  return new CallError(kind, method, message, wasSent, null, null, { cause });
}
