import { visibleText } from '../text/index.js';

/** codex-manager did not do what it was asked by REST. */
export class ManagerError extends Error {
  override readonly name = 'ManagerError';
  /** What the server calls it, for example `not_found` or `internal_error`; `null` if it does not say. */
  readonly code: string | null;

  constructor(
    path: string,
    /** The HTTP status. */
    readonly status: number,
    /** The parsed body; `null` if it was not JSON. */
    readonly body: unknown,
  ) {
    const { code, status: word, message } = Object(body) as Record<string, unknown>;
    const name = [code, word].find((value) => typeof value === 'string') ?? null;
    const why = typeof message === 'string' ? `: ${message}` : '';
    const what = `${path}: codex-manager answered ${status}${name === null ? '' : ` ${name}`}${why}`;
    super(visibleText(what));
    this.code = name;
  }
}
