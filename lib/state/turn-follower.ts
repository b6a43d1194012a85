import type { Observable, Subscription } from 'rxjs';
import type { TurnTracker } from './turn-tracker.js';
import type { TurnEvidence, TurnOutcome, WatchedTurn } from './turn.js';

/** What is known of an end beside its status. */
export type EndFacts = Partial<Pick<TurnOutcome, 'certain' | 'delivered' | 'error'>>;

/** A turn that is followed to its end. */
export interface TurnFollower {
  readonly turn: WatchedTurn;
  readonly tracker: TurnTracker;
  /** Ends with the turn: what is done for it belongs in here. */
  readonly lifetime: Subscription;
  /** Emits now, and whenever something changes; completes with the turn. */
  readonly changes$: Observable<void>;
  /** Emits its id once that is known, unless it is over. */
  readonly known$: Observable<string>;
  /** Whether the agent has got the message of a client; `null`: that is not known. */
  hasGot(clientId: string | null): boolean | null;
  /** Its message is being sent. */
  send(): void;
  /** Follows the turn of this id. */
  follow(turnId: string): void;
  /** Asks the server how things are. */
  read(by: TurnEvidence): void;
  /** It is not known whether its message was sent: looks for it. */
  doubt(error: Error): void;
  finish(status: string, by: TurnEvidence, facts?: EndFacts): void;
}
