import type { Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { AnswerError } from './answer-error.js';
import type { Recovery } from './recovery.js';
import type { ServerRequest } from './server-request.js';

/** What became of sending an answer. */
export type Sent =
  /** The server has taken it. */
  | { readonly status: 'answered' }
  /** It is on its way; an event will tell. */
  | { readonly status: 'sent' }
  /** It waits for the server to ask again. */
  | { readonly status: 'kept' }
  /** The server has taken somebody else's. */
  | { readonly status: 'conflict' }
  /** The server does not know the request any more. */
  | { readonly status: 'gone'; readonly uncertain: boolean }
  /** It was not taken, and the request is still open. */
  | {
      readonly status: 'failed';
      readonly error: AnswerError;
      /** Whether the server may still have taken it. */
      readonly uncertain: boolean;
    };

/** An answer that is ready to be sent. */
export interface Delivery {
  /** Sends it, again if need be: emits once, and never errors. */
  send(): Observable<Sent>;
  /** Whether the server surely does not have it. */
  isKept(): boolean;
}

/** An error of JSON-RPC that a request gets instead of an answer. */
export interface RequestRefusal {
  readonly message: string;
  /** @default -32601, a method that is not handled */
  readonly code?: number;
}

/** How a source carries answers to its server. */
export interface RequestPort {
  /** Whether it can answer this method, in the request of this event. */
  answers(method: string, event: Envelope): boolean;
  /** The key that the server gives to a request; `undefined`: it gives none. */
  keyOf?(event: Envelope): string | undefined;
  /**
   * Makes ready what will be sent, or says why this source cannot carry it.
   *
   * @param answer Plain data: what `json` says.
   */
  prepare(request: ServerRequest, answer: object, json: string): AnswerError | Delivery;
  /** The same for an error; where a source takes none, the answer that comes closest. */
  refuse(
    request: ServerRequest,
    error: RequestRefusal,
  ): AnswerError | Delivery | { answer: object };
  /** Asks the server what is pending in these threads: whether it could say. */
  refresh?(threads: readonly string[]): Observable<boolean>;
  /** Requests of these methods are served or observed from now on. */
  wanted?(isWanted: (method: string) => boolean): void;
  /**
   * Whether a list of what is pending is on its way: what ends meanwhile is noted, for the list may
   * still have it.
   *
   * @default always
   */
  isListing?(): boolean;
  /** What was pending before there was a connection; `null` until that is known. */
  recovery?(): Recovery | null;
}
