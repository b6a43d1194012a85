import type { Envelope } from '../envelope/index.js';
import type { Endings, Predicate } from './endings.js';
import type { ServerRequests } from './server-requests.js';

/** The requests of a stream, and what its source reports of them. */
export interface RequestRegistry extends Omit<Endings, 'turnEnded'> {
  readonly requests: ServerRequests;
  /** Learns from an event, before the router sees it. */
  observe(event: Envelope): void;
  /** A request is open, or still is: as an event, or as a list of pending ones says. */
  open(event: Envelope): void;
  /**
   * The server sends a request, perhaps again, since it waits for it on this connection: a kept
   * answer is sent. Whether the request is new.
   */
  announce(event: Envelope): boolean;
  /** Whether a handler has been asked for an answer. */
  readonly isServed: (event: Envelope) => boolean;
  /** The threads whose requests are open. */
  threads(): Iterable<string>;
  /**
   * Whether what ends in a thread may be of a request: one is open there, or a list is on its way
   * that may have one. `null`: the thread is not known, so it may.
   */
  readonly mayEnd: (threadId: string | null) => boolean;
  /** A request got an error instead of an answer. */
  readonly refused: (event: Envelope) => void;
  /** Counts what was seen, for what is said later of what was seen before. */
  readonly revision: () => number;
  /** The revision at which a request was seen last; 0 if it is not open. */
  seen(request: { readonly key: string }): number;
  /** A list that was asked for at a revision: of the requests it concerns, the others are gone. */
  reconcile(revision: number, events: readonly Envelope[], predicate: Predicate): void;
  /** The ids of a request mean another one now. */
  replaced(event: Envelope): void;
  /** The server began anew: what was seen before a revision is gone. */
  restarted(revision: number): void;
  /** The connection was lost: ids that belong to no turn may mean others from now on. */
  interrupted(): void;
  readonly close: () => void;
}
