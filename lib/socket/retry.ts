import { backoff, type BackoffOptions } from './backoff.js';
import type { ConnectionError } from './connection-error.js';

/** The attempt that comes after a failure. */
export interface Retry {
  /** How many in a row this is. */
  readonly attempt: number;
  /** How long to wait before it, in milliseconds. */
  readonly delay: number;
}

/**
 * What comes after the attempt `failed` has, or `null`: it is of no use to try again.
 *
 * @throws whatever `shouldRetry` throws.
 */
export function retryAfter(
  failed: number,
  error: ConnectionError,
  { attempts, base, cap, shouldRetry }: Required<BackoffOptions>,
  random: () => number,
): Retry | null {
  if (failed >= attempts || !shouldRetry(error)) return null;
  return { attempt: failed + 1, delay: backoff(failed + 1, base, cap, random) };
}
