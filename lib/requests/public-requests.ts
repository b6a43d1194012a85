import { defer, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { mustBeKnown } from '../options/index.js';
import { AnswerError } from './answer-error.js';
import type { Answering } from './answering.js';
import type { Emissions } from './emissions.js';
import type { Entry } from './entry.js';
import type { RequestRefusal } from './port.js';
import { routeOf } from './route.js';
import type { ServerRequest } from './server-request.js';
import type {
  AnswerNote,
  RequestHandler,
  RequestMatcher,
  RequestStats,
  ServeOptions,
  ServerRequests,
} from './server-requests.js';
import type { Serving } from './serving.js';
import type { Settlement } from './settlement.js';

export interface PublicParts {
  readonly subjects: Emissions['subjects'];
  /** Called before somebody looks at what is pending. */
  readonly look: () => void;
  /** Called when somebody wants to know what is overdue. */
  readonly watch: () => void;
  readonly get: (key: string) => ServerRequest | undefined;
  readonly find: (request: { readonly key: string } | Envelope) => Entry | AnswerError;
  readonly answering: Answering;
  readonly serving: Serving;
  readonly refresh: (threads: readonly string[]) => Promise<boolean>;
  readonly stats: () => RequestStats;
  /** Called when requests of these methods are served or observed. */
  readonly wanted: (isWanted: (method: string) => boolean) => void;
}

function known(note: AnswerNote): AnswerNote {
  mustBeKnown('', note, ['by', 'why']);
  return note;
}

type Act = (entry: Entry, failed: (error: AnswerError) => void) => void;

/** The requests of a stream as users have them. */
export function publicRequests(parts: PublicParts): ServerRequests {
  const { subjects, find, answering, serving } = parts;

  /** Acts on an open request; resolves when it is settled. */
  function settlementOf(request: { readonly key: string } | Envelope, act: Act) {
    const settlement = new Promise<Settlement>((resolve, reject) => {
      const entry = find(request);
      if (entry instanceof AnswerError) {
        reject(entry);
        return;
      }
      entry.onSettled.push(resolve);
      act(entry, reject);
    });
    // A caller that does not await it sees the request stay in pending$: no unhandledRejection.
    settlement.catch(() => undefined);
    return settlement;
  }

  const observed = <T>(values$: Observable<T>, before?: () => void): Observable<T> =>
    defer(() => {
      parts.wanted(() => true);
      before?.();
      return values$;
    });

  return {
    pending$: observed(subjects.pending, parts.look),
    opened$: observed(subjects.opened),
    settled$: subjects.settled.asObservable(),
    decisions$: subjects.decisions.asObservable(),
    errors$: subjects.errors.asObservable(),
    overdue$: observed(subjects.overdue, parts.watch),
    get: parts.get,
    answer: (
      request: { readonly key: string } | Envelope,
      answer: object,
      note: AnswerNote = {},
    ) => {
      const { by = 'answer', why = null } = known(note);
      return settlementOf(request, (entry, failed) => {
        answering.give(entry, { answer, by, why, failed });
      });
    },
    refuse: (
      request: { readonly key: string } | Envelope,
      error: string | RequestRefusal,
      note: AnswerNote = {},
    ) => {
      const { by = 'refuse', why = null } = known(note);
      const refusal = typeof error === 'string' ? { message: error } : error;
      mustBeKnown('error.', refusal, ['message', 'code']);
      return settlementOf(request, (entry, failed) => {
        answering.refuse(entry, refusal, { by, why, failed });
      });
    },
    serve(matcher: RequestMatcher, handler: RequestHandler, options?: ServeOptions) {
      const route = routeOf(matcher, handler, options);
      parts.wanted(route.mayMatch);
      return serving.add(route);
    },
    refresh: (...threads) => parts.refresh(threads),
    stats: parts.stats,
  };
}
