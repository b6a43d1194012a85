import { AsyncSubject, type Subscription } from 'rxjs';
import type { AnswerError } from './answer-error.js';
import type { Evidence } from './evidence.js';
import type { ServerRequest } from './server-request.js';
import { unserved, type Servable } from './serving.js';
import type { Settlement } from './settlement.js';

/** A request that is not settled, and what has been done about it. */
export interface Entry extends Servable {
  request: ServerRequest;
  readonly identity: string;
  /** When it was seen last, as a mark. */
  seen: number;
  answer: object | null;
  by: string | null;
  /** What carries its answer now. */
  sending: Subscription | null;
  /** Told if the answer that is under way does not count. */
  failed: (error: AnswerError) => void;
  /** Whether the server may have taken an answer of which nothing more was heard. */
  uncertain: boolean;
  /** What an event said while the answer was under way. */
  evidence: Evidence | null;
  readonly settled: AsyncSubject<Settlement>;
}

/** @param seen The mark at which it was seen. */
export const newEntry = (request: ServerRequest, identity: string, seen: number): Entry => ({
  request,
  identity,
  seen,
  answer: null,
  by: null,
  sending: null,
  failed: () => undefined,
  uncertain: false,
  evidence: null,
  settled: new AsyncSubject(),
  served: unserved(),
});
