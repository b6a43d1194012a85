import {
  catchError,
  defer,
  map,
  of,
  retry,
  switchMap,
  timer,
  throwError,
  type Observable,
} from 'rxjs';
import { AnswerError, type RequestPort, type Sent, type ServerRequest } from '../requests/index.js';
import { backoff } from '../socket/backoff.js';
import type { Rest, RestAnswer } from './rest.js';

/** The most that codex-manager takes, in bytes. */
const maxBytes = 2 ** 20;

/** How often an answer is sent at most, and how long the waits between are, in milliseconds. */
const [attempts, base, cap] = [6, 500, 8_000];

/** Where an answer goes, and what is sent there. */
interface Post {
  readonly path: string;
  readonly json: string;
}

/** What codex-manager can answer: it refuses the others itself, and publishes them all the same. */
const routes: Readonly<
  Record<string, (id: string, answer: never) => readonly [path: string, body: object] | string>
> = {
  'item/commandExecution/requestApproval': decide,
  'item/fileChange/requestApproval': decide,
  'item/tool/call': (id, answer: { contentItems: readonly { type: string }[] }) =>
    answer.contentItems.some(({ type }) => type === 'inputAudio')
      ? 'codex-manager takes text and images, and no audio'
      : [`/api/tool-calls/${id}/response`, answer],
  'item/tool/requestUserInput': (id, answer: object) => [
    `/api/tool-input/${id}/decision`,
    { decision: 'accept', ...answer },
  ],
};

function decide(
  id: string,
  { decision }: { decision: unknown },
): readonly [string, object] | string {
  if (typeof decision !== 'string') {
    return 'codex-manager takes accept, acceptForSession, decline and cancel, and no amendments';
  }
  const body =
    decision === 'acceptForSession' ? { decision: 'accept', scope: 'session' } : { decision };
  return [`/api/approvals/${id}/decision`, body];
}

/**
 * Whether the server still asks a request. Its answer is sent to a bare id, and a server that was
 * restarted has given that to another.
 */
export interface Presence {
  /** Whether the connection that there is has told of it. */
  isSure(request: ServerRequest): boolean;
  /** Asks the server. Emits once, or errors if the server does not say. */
  check(request: ServerRequest): Observable<boolean>;
}

/**
 * Carries answers to codex-manager by REST: what might still succeed is sent again, with a bound, and
 * only as long as the server still asks the same.
 *
 * @param rest `null`: nothing can be answered.
 * @param random For the jitter, from 0 up to 1.
 */
export function requestPort(
  rest: Rest | null,
  random: () => number,
  presence: Presence,
): RequestPort {
  return {
    answers: (method) => rest !== null && Object.hasOwn(routes, method),
    check(request, answer) {
      const post = postOf(request, answer);
      return post instanceof AnswerError ? post : null;
    },
    send(request, answer) {
      const post = postOf(request, answer);
      if (post instanceof AnswerError)
        return of({ status: 'failed', error: post, uncertain: false });
      // Without `rest` nothing is answerable.
      return deliver(rest as Rest, request, post, random, presence);
    },
  };
}

function postOf({ method, requestId }: ServerRequest, answer: object): Post | AnswerError {
  const route = routes[method]?.(encodeURIComponent(requestId), answer as never);
  if (route === undefined || typeof route === 'string') {
    return new AnswerError('unfit', `${method}: ${route ?? 'codex-manager cannot answer it'}.`);
  }
  const [path, body] = route;
  const json = JSON.stringify(body);
  const bytes = new TextEncoder().encode(json).length;
  if (bytes <= maxBytes) return { path, json };
  const message = `${method}: the answer has ${bytes} bytes, and codex-manager takes ${maxBytes}.`;
  return new AnswerError('too-large', message);
}

function deliver(
  rest: Rest,
  request: ServerRequest,
  { path, json }: Post,
  random: () => number,
  presence: Presence,
): Observable<Sent> {
  const { method } = request;
  /** Whether an answer may have arrived of which nothing more was heard. */
  let uncertain = false;
  let isFirst = true;
  const failed = (error: unknown): Observable<Sent> =>
    of({
      status: 'failed',
      error:
        error instanceof AnswerError
          ? error
          : new AnswerError('unreachable', `${method}: ${String(error)}`),
      uncertain,
    });
  const isAsked$ = defer(() => {
    const isKnown = isFirst && presence.isSure(request);
    isFirst = false;
    return isKnown ? of(true) : presence.check(request);
  }).pipe(
    catchError((cause: unknown) => {
      const message = `${method}: the server does not say whether it is pending.`;
      throw new AnswerError('unreachable', message, null, { cause });
    }),
  );
  const answer$ = defer(() => rest(path, json)).pipe(
    catchError((error: unknown) => {
      uncertain = true;
      throw new AnswerError('unreachable', `${method}: nothing came back.`, null, { cause: error });
    }),
    map((answer): Sent => {
      const sent = sentOf(answer, method, uncertain);
      if (sent instanceof AnswerError) {
        if (answer.status >= 500) uncertain = true;
        throw sent;
      }
      return sent;
    }),
  );
  return isAsked$.pipe(
    switchMap((isAsked) => (isAsked ? answer$ : of<Sent>({ status: 'gone', uncertain }))),
    retry({
      count: attempts - 1,
      delay(error: unknown, failures) {
        const mayHelp = (error as AnswerError).kind === 'unreachable';
        return mayHelp
          ? timer(backoff(failures + 1, base, cap, random))
          : throwError(() => error as AnswerError);
      },
    }),
    catchError(failed),
  );
}

/** What a status means: an error `unreachable` is worth another attempt, a `refused` is not. */
function sentOf(
  { status, body }: RestAnswer,
  method: string,
  uncertain: boolean,
): Sent | AnswerError {
  const { code } = Object(body) as { code?: unknown };
  const say = (what: string) => `${method}: codex-manager answered ${status}, ${what}.`;
  switch (status) {
    case 200:
      return { status: 'answered' };
    case 404:
    case 410:
      return { status: 'gone', uncertain };
    case 409:
      // Somebody's answer is on its way; if that fails, the call is open as before.
      if (code === 'in_flight') return new AnswerError('unreachable', say('in flight'), status);
      return uncertain ? { status: 'gone', uncertain } : { status: 'conflict' };
    case 413:
      return new AnswerError('too-large', say('the answer is too large'), status);
    case 408:
    case 429:
      return new AnswerError('unreachable', say('later'), status);
    default:
      return status >= 500
        ? new AnswerError('unreachable', say('an error'), status)
        : new AnswerError('refused', say('it did not take it'), status);
  }
}
