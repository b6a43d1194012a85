import { Subscription } from 'rxjs';
import type { AnswerError } from './answer-error.js';
import type { Evidence } from './evidence.js';
import type { LedgerEntry } from './ledger.js';
import type { Delivery } from './port.js';
import type { ServerRequest } from './server-request.js';
import { unserved, type Servable } from './serving.js';
import type { Settlement } from './settlement.js';

/** A request that is not settled, and what has been done about it. */
export interface Entry extends LedgerEntry, Servable {
  request: ServerRequest;
  answer: object | null;
  by: string | null;
  /** The answer as it is sent, from the decision on. */
  delivery: Delivery | null;
  /** What carries it now. */
  sending: Subscription | null;
  /** Called if the answer that is under way does not count. */
  failed: (error: AnswerError) => void;
  /** Whether the server may have taken an answer of which nothing more was heard. */
  uncertain: boolean;
  /** What an event said while the answer was under way. */
  evidence: Evidence | null;
  /** Waits until the request is overdue. */
  watchdog: Subscription;
  /** Called with its settlement. */
  readonly onSettled: ((settlement: Settlement) => void)[];
}

export const newEntry = (request: ServerRequest, identity: string): Entry => ({
  request,
  identity,
  seen: 0,
  answer: null,
  by: null,
  delivery: null,
  sending: null,
  failed: () => undefined,
  uncertain: false,
  evidence: null,
  watchdog: Subscription.EMPTY,
  onSettled: [],
  served: unserved(),
});
