import type { Envelope, RequestId } from '../envelope/index.js';
import type { Evidence } from './evidence.js';
import type { ServerRequest } from './server-request.js';
import type { ServerRequests } from './server-requests.js';

/** The requests of a stream, and what its source tells of them. */
export interface RequestRegistry {
  readonly requests: ServerRequests;
  /** Learns from an event, before anybody else sees it. */
  see(event: Envelope): void;
  /** A request is open, or still is: as an event, or as a list of pending ones says. */
  open(event: Envelope): void;
  /** A request is told again, that was open before: one that has ended here is not opened again. */
  again(event: Envelope): void;
  /** The server says that a request is settled. */
  resolved(requestId: RequestId | null, threadId: string | null, evidence: Evidence): void;
  /** A thread is gone, and what it asked. */
  threadEnded(threadId: string | null): void;
  /**
   * Answers a request at once: whether it was open.
   *
   * @throws AnswerError for an answer that does not fit.
   */
  take(event: Envelope, answer: object): boolean;
  /** Whether a handler has been asked for an answer. */
  isServed(event: Envelope): boolean;
  /** The threads whose requests are open. */
  threads(): Iterable<string>;
  /** A request got an error instead of an answer. */
  refused(event: Envelope): void;
  /** Now, for what is said later of what was seen before. */
  mark(): number;
  /** When a request was seen last, as a mark; 0 if it is not open. */
  seen(request: ServerRequest): number;
  /** What a list said that was asked for at a mark: of these requests, the others are gone. */
  listed(
    mark: number,
    events: readonly Envelope[],
    isMeant: (request: ServerRequest) => boolean,
  ): void;
  /** What was not seen since a mark, of these requests, is gone. */
  missed(mark: number, isMeant: (request: ServerRequest) => boolean): void;
  /** The server began anew: what was seen before a mark is gone. */
  restarted(mark: number): void;
  /** The connection was lost: ids that belong to no turn may mean others from now on. */
  interrupted(): void;
  close(): void;
}
