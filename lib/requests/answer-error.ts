import { visibleText } from '../text/index.js';

/**
 * Why an answer did not count:
 * - `unfit`: it is not of the shape that the method asks for; nothing was sent;
 * - `too-large`: the server takes no answer of that size; make it smaller;
 * - `unanswerable`: this source cannot answer this request;
 * - `taken`: an answer is on its way already;
 * - `settled`: the request was settled before;
 * - `unknown`: no such request was seen;
 * - `refused`: the server did not take it; `status` says how;
 * - `unreachable`: the server could not be reached, however often it was tried.
 *
 * After `unfit`, `too-large`, `refused` and `unreachable` the request is open as before.
 */
export type AnswerFault =
  | 'unfit'
  | 'too-large'
  | 'unanswerable'
  | 'taken'
  | 'settled'
  | 'unknown'
  | 'refused'
  | 'unreachable';

/** An answer that did not count. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';

  constructor(
    readonly kind: AnswerFault,
    message: string,
    /** The HTTP status, if the server `refused` it. */
    readonly status: number | null = null,
    options?: ErrorOptions,
  ) {
    super(visibleText(message), options);
  }
}
