import { visibleText } from '../text/index.js';

/**
 * Why a call of codex-manager's REST API has failed:
 * - `refused`: it answered with a status other than 2xx, a redirect included;
 * - `unreadable`: it answered 2xx, with a body that is too large, not UTF-8 or not JSON;
 * - `timeout`: there was no answer in time;
 * - `aborted`: the `signal` was aborted;
 * - `unanswered`: there is no answer, for it cannot be reached or broke off.
 */
export type ManagerFault = 'refused' | 'unreadable' | 'timeout' | 'aborted' | 'unanswered';

/** A call of codex-manager's REST API has failed. */
export class ManagerError extends Error {
  override readonly name = 'ManagerError';
  /** What the server calls it, for example `not_found` or `internal_error`; `null` if it does not say. */
  readonly code: string | null;

  constructor(
    /** What was asked. */
    readonly path: string,
    /** The HTTP status; 0 if there was no answer. */
    readonly status: number,
    /** The parsed body; `null` if it was not JSON. */
    readonly body: unknown,
    readonly kind: ManagerFault = 'refused',
    /** What there is to say besides. */
    detail = '',
    options?: ErrorOptions,
  ) {
    const { code, status: word, message } = Object(body) as Record<string, unknown>;
    const name = [code, word].find((value) => typeof value === 'string') ?? null;
    const why = typeof message === 'string' ? `: ${message}` : '';
    const answer = `codex-manager answered ${status}${name === null ? '' : ` ${name}`}${why}`;
    super(visibleText(`${path}: ${status === 0 ? 'no answer' : answer}${detail}`), options);
    this.code = name;
  }
}
