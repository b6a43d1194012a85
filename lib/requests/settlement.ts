import type { ServerRequest } from './server-request.js';

/**
 * What became of a request:
 * - `answered`: this client's answer was taken. Where two clients answer at the same moment, `codex
 *   app-server` does not say whose it was, and both read `answered`;
 * - `answered-elsewhere`: somebody else's was;
 * - `expired`: the server gave it up before there was an answer: its turn or its thread has ended;
 * - `lost`: it is gone, and whether an answer counted is not known;
 * - `failed`: it got an error instead of an answer, from this client or from the source.
 */
export type Outcome = 'answered' | 'answered-elsewhere' | 'expired' | 'lost' | 'failed';

export const noOutcomes: Readonly<Record<Outcome, number>> = {
  answered: 0,
  'answered-elsewhere': 0,
  expired: 0,
  lost: 0,
  failed: 0,
};

/**
 * How that is known:
 * - `accepted`: the server took the answer;
 * - `resolved`, `expired`, `item-completed`, `turn-ended`, `thread-ended`: an event said so;
 * - `conflict`, `gone`: the server's reply to the answer said so;
 * - `missed`: the server had it no more after a time for which nothing was heard;
 * - `restarted`: the server began anew;
 * - `closed`: the stream was closed;
 * - `refused`: it was refused with an error.
 */
export type SettledBy =
  | 'accepted'
  | 'resolved'
  | 'expired'
  | 'item-completed'
  | 'turn-ended'
  | 'thread-ended'
  | 'conflict'
  | 'gone'
  | 'missed'
  | 'restarted'
  | 'closed'
  | 'refused';

/** The end of a request. Each has exactly one. */
export interface Settlement {
  readonly request: ServerRequest;
  readonly outcome: Outcome;
  readonly cause: SettledBy;
  /** The answer of this client's that was sent last; `null` if none was. */
  readonly answer: object | null;
  /** Who gave that answer here: the name of a route, or the `by` of `answer`. */
  readonly by: string | null;
  /** When: milliseconds since the epoch. */
  readonly settledAt: number;
  /** How long it was open, in milliseconds. */
  readonly waited: number;
}

/** An answer that code of this process has decided on, before it is sent. */
export interface Decision {
  readonly request: ServerRequest;
  readonly answer: object;
  /** Who has decided: the name of a route, or the `by` of `answer`. */
  readonly by: string;
  /** Why, if that was said. */
  readonly why: string | null;
  /** When: milliseconds since the epoch. */
  readonly at: number;
}
