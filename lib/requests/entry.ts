import type { Subscription } from 'rxjs';
import type { AnswerError } from './answer-error.js';
import type { Evidence } from './evidence.js';
import type { Changes } from './file-changes.js';
import type { LedgerEntry } from './ledger.js';
import type { Delivery } from './port.js';
import { withMembers, type Announced, type ServerRequest } from './server-request.js';
import { unserved, type Servable } from './serving.js';
import type { Settlement } from './settlement.js';

/** A request that is not settled, and what has been done about it. */
export class Entry implements LedgerEntry, Servable {
  seen = 0;
  answer: object | null = null;
  by: string | null = null;
  /** The answer as it is sent, from the decision on. */
  delivery: Delivery | null = null;
  /** What carries it now. */
  sending: Subscription | null = null;
  /** Whether the server may have taken an answer of which nothing more was heard. */
  uncertain = false;
  /** What an event said while the answer was under way. */
  evidence: Evidence | null = null;
  /** Waits until the request is overdue. */
  watchdog: Subscription | null = null;
  /** Called with its settlement. */
  readonly onSettled: ((settlement: Settlement) => void)[] = [];
  readonly served = unserved();
  #request: ServerRequest | null = null;

  /**
   * @param announced What every request has.
   * @param openedTicks When it was opened, by a clock that cannot be set.
   * @param changes The changes of its item, where they are known.
   */
  constructor(
    readonly identity: string,
    public announced: Announced,
    readonly openedTicks: number,
    public changes: Changes,
  ) {}

  /** The request as users see it. Most are settled before anybody looks at one. */
  get request(): ServerRequest {
    return (this.#request ??= withMembers(this.announced, this.changes));
  }

  /** A new value takes the place of the request. */
  update(change: Partial<Pick<Announced, 'state'>>, changes = this.changes): void {
    this.announced = { ...this.announced, ...change };
    this.changes = changes;
    this.#request = null;
  }

  /** Called if the answer that is under way does not count. */
  failed: (error: AnswerError) => void = () => undefined;
}
