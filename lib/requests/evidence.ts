import type { Outcome, SettledBy } from './settlement.js';

/** What an event says of the end of a request. */
export interface Evidence {
  readonly cause: SettledBy;
  /**
   * Whether the answer that counted was this client's: `no` if there was none, `if sent` where none
   * can have been but this client's, `unknown` where there may have been one that nobody heard of, or
   * a test of what this client has sent. Default: there was one, and nobody says whose.
   */
  readonly isOurs?: 'no' | 'if sent' | 'unknown' | ((answer: object) => boolean) | undefined;
}

/**
 * What became of a request that an event has settled.
 *
 * @param answer What this client has sent last.
 * @param isSent Whether it reached the server.
 */
export function settledWithout(
  { cause, isOurs }: Evidence,
  answer: object | null,
  isSent: 'surely' | 'perhaps' | 'no',
): readonly [Outcome, SettledBy] {
  const unanswered = isOurs === 'no' || isOurs === 'if sent';
  if (cause === 'refused') return ['failed', cause];
  if (isOurs === 'unknown') return ['lost', cause];
  if (isSent === 'no' || answer === null) {
    return [unanswered ? 'expired' : 'answered-elsewhere', cause];
  }
  // To cancel ends the turn, and so may be told by its end before it is told itself.
  if (isOurs === 'no')
    return [isSent === 'surely' && cancels(answer) ? 'answered' : 'expired', cause];
  if (typeof isOurs === 'function') {
    return [isOurs(answer) ? 'answered' : 'answered-elsewhere', cause];
  }
  return [isSent === 'surely' ? 'answered' : 'lost', cause];
}

function cancels(answer: object): boolean {
  const { decision } = answer as { readonly decision?: unknown };
  return decision === 'cancel' || decision === 'abort';
}
