import type { ConnectionError } from './connection-error.js';

/** Whether to try again, and how long to wait before. */
export interface BackoffOptions {
  /**
   * The most that the first wait can be, in milliseconds; it doubles with each.
   *
   * @default 500
   */
  readonly base?: number;
  /**
   * The most that any wait can be, in milliseconds.
   *
   * @default 30,000
   */
  readonly cap?: number;
  /**
   * How many attempts in a row may fail before the stream closes.
   *
   * @default without end
   */
  readonly attempts?: number;
  /**
   * How long a connection must have been ready, in milliseconds, for the count of attempts to begin
   * anew.
   *
   * @default 5,000
   */
  readonly stableAfter?: number;
  /**
   * Whether to try again after this error; `false` closes the stream with it. Asked each time that
   * a connection or an attempt has failed.
   *
   * @default unless the error is `permanent`
   */
  readonly shouldRetry?: (error: ConnectionError) => boolean;
}

/**
 * The wait before attempt `attempt` (1 if the connection was stable before): anything between
 * nothing and a limit that doubles ("full jitter", from the first retry on), so that clients do not
 * come back in one wave.
 */
export const backoff = (attempt: number, base: number, cap: number, random: () => number): number =>
  random() * Math.min(cap, base * 2 ** Math.min(Math.max(0, attempt - 2), longest));

/** Doubling ends here: 2 ** 1024 is no number any more, and an outage can last. */
const longest = 1_000;
