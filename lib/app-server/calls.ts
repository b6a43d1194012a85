import {
  defer,
  EMPTY,
  endWith,
  exhaustMap,
  filter,
  finalize,
  lastValueFrom,
  map,
  merge,
  NEVER,
  retry,
  take,
  takeWhile,
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { abortOf } from '../async/index.js';
import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import type { EventStream } from '../stream/index.js';
import { CallError, unanswered } from './call-error.js';
import type { Pacing } from './pacing.js';
import { cancelMethodOf } from './partial-calls.js';
import type { Request } from './threads.js';

/** How long a call may take, and who may give it up. */
export interface CallOptions {
  /**
   * How long to wait for the result, in ms, the wait for a connection included.
   *
   * @default the `callTimeout` of the stream
   */
  readonly timeout?: number;
  /**
   * Gives the call up when it is aborted. The server learns of it where the protocol has a method
   * that cancels such a call.
   */
  readonly signal?: AbortSignal;
}

/** The result of a call, and the id that the call has on the wire. */
export interface Call<Result> extends Promise<Result> {
  /** Fixed at the call, and no other call of the stream has it. */
  readonly id: number;
}

export interface CallSettings {
  readonly request: Request;
  /** An id that no other call has. */
  readonly newId: () => number;
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
): Call<unknown> => {
  const id = settings.newId();
  const values$ = calling(stream, settings, method, params, options, id);
  return Object.assign(lastValueFrom(values$, { defaultValue: undefined }), { id });
};

/** The same as an Observable: it calls when it is subscribed, and emits what comes meanwhile. */
export function calling(
  stream: EventStream,
  { request, newId, canSend$, inTurn, timeout: usual, random }: CallSettings,
  method: string,
  params: unknown,
  options: CallOptions = {},
  given?: number,
): Observable<unknown> {
  mustBe(typeof method === 'string' && method !== '', 'method', 'the name of a method');
  const { signal } = options;
  mustBe(!signal || has(signal, 'addEventListener'), 'signal', 'an AbortSignal');
  mustBeKnown('', options, ['timeout', 'signal']);
  const { timeout } = amounts('', options, { timeout: usual });
  return defer(() => {
    const id = given ?? newId();
    let isSent = false;
    const result$ = canSend$.pipe(
      filter(Boolean),
      take(1),
      exhaustMap(() => {
        isSent = true;
        return request(method, params, id);
      }),
      inTurn(),
      retryOverloaded(random, () => {
        isSent = false;
      }),
    );
    const givenUp$ = merge(
      (signal ? abortOf(signal) : NEVER).pipe(
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
    const cancel = () => {
      const cancelMethod = cancelMethodOf(method);
      if (!isSent || isOver || !cancelMethod) return;
      request(cancelMethod, { requestId: id }).subscribe({ error: () => undefined });
    };
    const over = Symbol();
    let isOver = false;
    const settled = () => {
      isOver = true;
    };
    return merge(
      givenUp$,
      result$.pipe(tap({ error: settled, complete: settled }), endWith(over)),
      connected$,
    ).pipe(
      takeWhile((value) => value !== over),
      finalize(cancel),
    );
  });
}
