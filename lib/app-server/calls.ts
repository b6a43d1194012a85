import {
  defer,
  EMPTY,
  exhaustMap,
  filter,
  firstValueFrom,
  fromEvent,
  map,
  merge,
  NEVER,
  of,
  retry,
  share,
  take,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import type { EventStream } from '../stream/index.js';
import { CallError, unanswered } from './call-error.js';
import type { Pacing } from './pacing.js';
import type { Request } from './threads.js';

/** How long a call may take, and who may give it up. */
export interface CallOptions {
  /**
   * How long to wait for the result, in ms, the wait for a connection included.
   *
   * @default the `callTimeout` of the stream
   */
  readonly timeout?: number;
  /** Gives the call up when it is aborted. The server does not learn of it. */
  readonly signal?: AbortSignal;
}

export interface CallSettings {
  /** Sends a call at once and gives its result. */
  readonly request: Request;
  /** Whether calls can be sent now. */
  readonly canSend$: Observable<boolean>;
  readonly inTurn: Pacing;
  readonly timeout: number;
  readonly random: () => number;
}

/** The code of "Server overloaded": such a call was not looked at, so it may be sent again. */
export const overloaded = -32001;

/** How often an overloaded server is asked again, and how long to wait at first, in ms. */
const [attempts, firstDelay] = [6, 100];

/** Sends a call again that a server was too busy to look at, later and later. */
export const retryOverloaded = <T>(
  random: () => number,
  refused: () => void = () => undefined,
): MonoTypeOperatorFunction<T> =>
  retry({
    count: attempts,
    delay(error: unknown, attempt) {
      const isOverloaded = error instanceof CallError && error.code === overloaded;
      if (!isOverloaded) throw error;
      refused();
      return timer(random() * firstDelay * 2 ** attempt);
    },
  });

const aborts = new WeakMap<AbortSignal, Observable<unknown>>();

/** One listener a signal, however many calls share it: Node warns of a leak at eleven. */
function abortOf(signal: AbortSignal): Observable<unknown> {
  const abort$ = aborts.get(signal) ?? fromEvent(signal, 'abort').pipe(share());
  aborts.set(signal, abort$);
  return abort$;
}

/**
 * Calls a method: waits until it can be sent, asks an overloaded server again, and gives up in
 * time. It opens the stream, until `close()`.
 */
export const callOn = (
  stream: EventStream,
  settings: CallSettings,
  method: string,
  params: unknown,
  options?: CallOptions,
): Promise<unknown> =>
  firstValueFrom(calling(stream, settings, method, params, options), { defaultValue: undefined });

/** The same as an Observable: it calls when it is subscribed. */
export function calling(
  stream: EventStream,
  { request, canSend$, inTurn, timeout: usual, random }: CallSettings,
  method: string,
  params: unknown,
  options: CallOptions = {},
): Observable<unknown> {
  mustBe(typeof method === 'string' && method !== '', 'method', 'the name of a method');
  const { signal } = options;
  mustBe(!signal || has(signal, 'addEventListener'), 'signal', 'an AbortSignal');
  mustBeKnown('', options, ['timeout', 'signal']);
  const { timeout } = amounts('', options, { timeout: usual });
  let isSent = false;

  const result$ = canSend$.pipe(
    filter(Boolean),
    take(1),
    exhaustMap(() => {
      isSent = true;
      return request(method, params);
    }),
    inTurn(),
    retryOverloaded(random, () => {
      isSent = false;
    }),
  );
  const isAborted$ = signal ? defer(() => (signal.aborted ? of(signal) : abortOf(signal))) : NEVER;
  const givenUp$ = merge(
    isAborted$.pipe(
      map(() => unanswered('aborted', method, 'It was aborted.', isSent, signal?.reason)),
    ),
    timer(timeout).pipe(
      map(() => unanswered('timeout', method, `No result came within ${timeout} ms.`, isSent)),
    ),
    stream.status$.pipe(
      filter(({ state }) => state === 'closed'),
      map((status) => {
        const cause = status.state === 'closed' ? status.error : null;
        const why = cause ? `The stream is closed: ${cause.message}` : 'The stream is closed.';
        return unanswered('closed', method, why, isSent, cause ?? undefined);
      }),
    ),
  ).pipe(
    map((error) => {
      throw error;
    }),
  );
  const connected$ = defer(() => {
    void stream.connect();
    return EMPTY;
  });
  return merge(givenUp$, result$, connected$).pipe(take(1));
}
