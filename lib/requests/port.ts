import type { Observable } from 'rxjs';
import type { AnswerError } from './answer-error.js';
import type { ServerRequest } from './server-request.js';

/** What became of sending an answer. */
export type Sent =
  /** The server has taken it. */
  | { readonly status: 'answered' }
  /** It is on its way; an event will tell. */
  | { readonly status: 'sent' }
  /** The server has taken somebody else's. */
  | { readonly status: 'conflict' }
  /** The server does not know the request any more. */
  | { readonly status: 'gone'; readonly uncertain: boolean }
  /** It was not taken, and the request is still open. */
  | {
      readonly status: 'failed';
      readonly error: AnswerError;
      /** Whether the server may have taken it all the same. */
      readonly uncertain: boolean;
    };

/** How a source carries answers to its server. */
export interface RequestPort {
  /** Whether it can answer this method. */
  answers(method: string): boolean;
  /** Why it cannot carry this answer, if so: what only this source refuses. */
  check?(request: ServerRequest, answer: object): AnswerError | null;
  /** Sends an answer, again if need be: emits once, and never errors. */
  send(request: ServerRequest, answer: object): Observable<Sent>;
  /** Asks the server what is pending in these threads: whether it could tell. */
  recover?(threads: readonly string[]): Observable<boolean>;
}
