import {
  catchError,
  defer,
  firstValueFrom,
  from,
  map,
  of,
  race,
  timer,
  type Observable,
} from 'rxjs';
import {
  accept,
  AnswerError,
  cancel,
  decline,
  type ServerRequest,
  type Settlement,
} from '../requests/index.js';
import type { FeedState } from './feed.js';
import { Refusal } from './guard.js';
import { ok, type Reply } from './http.js';
import type { Body } from './sessions.js';

/** How long the end of a request is waited for, in ms: clients give an answer up after 10 s. */
const settleTimeout = 5_000;

const conflict = (code: string): Reply => ok({ status: 'conflict', code }, 409);
const gone = (): Reply => ok({ status: 'not_found' }, 404);

const statuses = { unfit: 400, refused: 400, 'too-large': 413, unanswerable: 501 } as const;

/**
 * Answers an open request of the source.
 *
 * @param names What a reply names it by.
 * @param by Who answers, for the audit.
 */
export function answerRequest(
  feed: FeedState,
  request: ServerRequest,
  answer: object,
  names: object,
  by: string,
): Promise<Reply> {
  // The source would keep it, and the client, without a reply, would answer again.
  if (!feed.isThere()) throw new Refusal(503, 'upstream_away', 'the source is away');
  const settled$ = defer(() =>
    from(feed.stream.requests.answer(request as never, answer as never, { by })),
  ).pipe(
    map((settlement) => replyTo(settlement, names)),
    catchError((error: unknown) => of(refused(error))),
  );
  const onItsWay$: Observable<Reply> = timer(settleTimeout).pipe(
    map(() => ok({ status: 'ok', ...names, settled: false })),
  );
  return firstValueFrom(race(settled$, onItsWay$), { defaultValue: gone() });
}

function replyTo({ outcome }: Settlement, names: object): Reply {
  switch (outcome) {
    case 'answered':
      return ok({ status: 'ok', ...names });
    case 'answered-elsewhere':
      return conflict('answered_elsewhere');
    default:
      return gone();
  }
}

function refused(error: unknown): Reply {
  if (!(error instanceof AnswerError)) throw error;
  const { kind, message } = error;
  if (kind === 'taken') return conflict('in_flight');
  if (kind === 'settled' || kind === 'unknown') return gone();
  if (kind === 'unreachable') throw new Refusal(503, 'upstream_away', message);
  throw new Refusal(statuses[kind], kind, message);
}

/** What the routes of codex-manager's dialect take, as the answer that its method asks for. */
export const dialectAnswers: Readonly<
  Record<'approvals' | 'tool-calls' | 'tool-input', (request: ServerRequest, body: Body) => object>
> = {
  approvals(request, { decision, scope }) {
    if (request.kind !== 'commandExecution' && request.kind !== 'fileChange') throw invalid();
    if (decision === 'accept') return accept(request, scope === 'session' ? scope : undefined);
    if (decision === 'decline') return decline(request);
    if (decision === 'cancel') return cancel(request);
    throw invalid();
  },
  'tool-calls'(_, { success = true, text, contentItems, ...raw }) {
    if ('response' in raw) return Object(raw['response']) as object;
    const items = text === undefined ? [] : [{ type: 'inputText', text }];
    return { contentItems: contentItems ?? items, success };
  },
  'tool-input'(_, { decision, answers, ...raw }) {
    if ('response' in raw) return Object(raw['response']) as object;
    if (decision === 'accept') return { answers: answers ?? {} };
    if (decision === 'decline' || decision === 'cancel') return { answers: {} };
    throw invalid();
  },
};

const invalid = () => new Refusal(400, 'invalid_request', 'request validation failed');
