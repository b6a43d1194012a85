import {
  catchError,
  defer,
  map,
  of,
  race,
  retry,
  switchMap,
  throwError,
  timeout,
  timer,
  type Observable,
} from 'rxjs';
import {
  AnswerError,
  toolResult,
  type Delivery,
  type RequestPort,
  type Sent,
  type ServerRequest,
} from '../requests/index.js';
import type { Envelope } from '../envelope/index.js';
import { backoff } from '../socket/backoff.js';
import { managerMethod } from './methods.js';
import type { Rest, RestAnswer } from './rest.js';

/** The most that codex-manager takes, in bytes. */
const maxBytes = 2 ** 20;

/** How often an answer is sent at most while the server is there, and how long the waits are, in ms. */
const [attempts, base, cap] = [6, 500, 8_000];

/** How long a POST lives, in ms: one that is held back longer could reach the next server. */
const postTimeout = 2_000;

/** Where an answer goes, and what is sent there. */
interface Post {
  readonly path: string;
  readonly json: string;
}

/** What is known of the server. Without a key, an answer is sent to a bare id, which the next server reuses. */
export interface Presence {
  /** The connection that there is, or `null`: without one, no failed attempt counts. */
  connection(): object | null;
  /** Emits when the stream is open again. */
  readonly opened$: Observable<unknown>;
  /**
   * Whether the server answers a ping now: a connection that hangs counts as open until its
   * heartbeat notices, and failed attempts do not count on it.
   */
  readonly answered$: Observable<boolean>;
  /**
   * Whether the server that announced a request is there and still waits for it. Emits once, or
   * errors if the server does not say.
   *
   * @param isRetry Whether it may have been sent before: then only a list is believed.
   */
  prove(request: ServerRequest, isRetry: boolean): Observable<boolean>;
  /** The key that a gateway gives to the request of an event. */
  keyOf(event: Envelope): string | undefined;
  /** Whether this client may answer at all. */
  mayAnswer(): boolean;
}

/**
 * Carries answers to codex-manager by REST. Each attempt is preceded by a proof that the server is
 * the one that asked.
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
    answers: (method, event) =>
      rest !== null &&
      presence.mayAnswer() &&
      (presence.keyOf(event) ?? managerMethod(method)) !== undefined,
    prepare(request, answer) {
      const post = postOf(request, answer, presence.keyOf(request.event));
      if (post instanceof AnswerError) return post;
      // Without `rest` nothing is answerable.
      return deliver(rest as Rest, request, post, random, presence);
    },
    refuse(request, { message }) {
      const { method, kind } = request;
      const isCall = kind === 'dynamicToolCall' && request.answerable;
      if (isCall) return { answer: toolResult(message, { success: false }) };
      const text = `${method}: codex-manager takes no errors: answer with decline(request).`;
      return new AnswerError('unanswerable', text);
    },
  };
}

function postOf(
  { method, requestId }: ServerRequest,
  answer: object,
  key: string | undefined,
): Post | AnswerError {
  const row = key
    ? { path: () => `/api/requests/${key}/answer`, body: () => ({ answer }) }
    : managerMethod(method);
  const body = row?.body(answer as never) ?? 'codex-manager cannot answer it';
  if (row === undefined || typeof body === 'string') {
    return new AnswerError('unfit', `${method}: ${body as string}.`);
  }
  const json = JSON.stringify(body);
  const bytes = new TextEncoder().encode(json).length;
  if (bytes <= maxBytes) return { path: row.path(encodeURIComponent(requestId)), json };
  const message = `${method}: the answer has ${bytes} bytes, and codex-manager takes ${maxBytes}.`;
  return new AnswerError('too-large', message);
}

function deliver(
  rest: Rest,
  request: ServerRequest,
  { path, json }: Post,
  random: () => number,
  presence: Presence,
): Delivery {
  const { method } = request;
  /** Whether an answer may have arrived of which nothing more was heard. */
  let uncertain = false;
  /** Whether it was posted, and no reply said that it did not count. */
  let isPosted = false;
  /** Attempts that failed while the stream was open. */
  let failures = 0;
  let isRetry = false;
  let tried: object | null = null;
  const isAsked$ = defer(() => {
    tried = presence.connection();
    const asked$ = presence.prove(request, isRetry);
    isRetry = true;
    return asked$;
  }).pipe(
    catchError((cause: unknown) => {
      const message = `${method}: the server does not say whether it is pending.`;
      throw new AnswerError('unreachable', message, null, { cause });
    }),
  );
  const answer$ = defer(() => {
    isPosted = true;
    return rest(path, json);
  }).pipe(
    timeout(postTimeout),
    catchError((error: unknown) => {
      uncertain = true;
      throw new AnswerError('unreachable', `${method}: nothing came back.`, null, { cause: error });
    }),
    map((answer): Sent => {
      const sent = sentOf(answer, method, uncertain);
      if (sent instanceof AnswerError) {
        if (answer.status >= 500) uncertain = true;
        isPosted = uncertain;
        throw sent;
      }
      return sent;
    }),
  );
  const sent$ = isAsked$.pipe(
    switchMap((isAsked) => (isAsked ? answer$ : of<Sent>({ status: 'gone', uncertain }))),
    retry({
      delay(error: unknown, count) {
        if ((error as AnswerError).kind !== 'unreachable') return throwError(() => error as Error);
        const connection = presence.connection();
        // It was opened while the attempt was under way.
        if (connection !== null && connection !== tried) return of(null);
        const wait = backoff(Math.min(count, attempts) + 1, base, cap, random);
        const again = (pause: number) => race(timer(pause), presence.opened$);
        // The stream may be away for long, and REST be there before it.
        if (connection === null) return again(Math.max(wait, base));
        return presence.answered$.pipe(
          switchMap((isThere) => {
            if (isThere && ++failures >= attempts) throw error as Error;
            return again(wait);
          }),
        );
      },
    }),
    catchError((error: unknown) =>
      of<Sent>({ status: 'failed', error: error as AnswerError, uncertain }),
    ),
  );
  return { send: () => sent$, isKept: () => !isPosted };
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
    case 501:
      return new AnswerError('unanswerable', say('the source takes no answer'), status);
    case 408:
    case 429:
      return new AnswerError('unreachable', say('later'), status);
    default:
      return status >= 500
        ? new AnswerError('unreachable', say('an error'), status)
        : new AnswerError('refused', say('it did not take it'), status);
  }
}
