import type { Outcome, SettledBy } from './settlement.js';

/** What an event says of the end of a request. */
export interface Evidence {
  readonly cause: SettledBy;
  /**
   * Whether the answer that counted was this client's: `nobody` if there was none, `us-if-sent`
   * where none can have been but this client's, `unknown` where there may have been one that was
   * not announced, or a test of what this client has sent.
   *
   * @default there was one, and it is not known whose
   */
  readonly answeredBy?:
    'nobody' | 'us-if-sent' | 'unknown' | ((answer: object) => boolean) | undefined;
}

/**
 * What became of a request that an event has settled.
 *
 * @param answer What this client has sent last.
 * @param isSent Whether it reached the server.
 */
export function settledWithout(
  { cause, answeredBy }: Evidence,
  answer: object | null,
  isSent: 'surely' | 'perhaps' | 'no',
): readonly [Outcome, SettledBy] {
  const unanswered = answeredBy === 'nobody' || answeredBy === 'us-if-sent';
  if (cause === 'refused') return ['failed', cause];
  if (answeredBy === 'unknown') return ['lost', cause];
  if (isSent === 'no' || answer === null) {
    return [unanswered ? 'expired' : 'answered-elsewhere', cause];
  }
  // Cancelling ends the turn, so `turn/completed` may arrive before the cancellation is confirmed.
  if (answeredBy === 'nobody')
    return [isSent === 'surely' && cancels(answer) ? 'answered' : 'expired', cause];
  if (typeof answeredBy === 'function') {
    return [answeredBy(answer) ? 'answered' : 'answered-elsewhere', cause];
  }
  return [isSent === 'surely' ? 'answered' : 'lost', cause];
}

function cancels(answer: object): boolean {
  const { decision } = answer as { readonly decision?: unknown };
  return decision === 'cancel' || decision === 'abort';
}
