import type { Envelope } from '../envelope/index.js';

/** What could be learned about a gap, or about the time before the first connection. */
export interface Recovery {
  /** What was missed and is known now. It comes here only, and not on `events$`. */
  readonly recovered: readonly Envelope[];
  /**
   * Whether `recovered` is all that was asked for. It does not say that nothing else was missed.
   */
  readonly complete: boolean;
  /** Why it is not complete; `null` if nothing failed. */
  readonly error: Error | null;
  /** How many sessions the server lists beyond `recoverSessions`: they were not asked. */
  readonly skipped?: number;
  /**
   * Whether the server began anew meanwhile: what it was doing has ended, and the ids of its
   * requests start again. `null`: that is not known.
   */
  readonly restarted?: boolean | null;
  /** How many events of the gap came on `events$`, in order: see `Gap.replay`. */
  readonly replayed?: number;
}
