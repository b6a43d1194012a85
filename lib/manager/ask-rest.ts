import { defaultIfEmpty, defer, map, merge, NEVER, take, type Observable } from 'rxjs';
import { abortOf } from '../async/index.js';
import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import { ManagerError } from './manager-error.js';
import { bodyOf, type Rest } from './rest.js';

/** How the REST API is called. */
export interface RestOptions {
  /** @default 'POST' if there is a body, otherwise 'GET' */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * How long an answer may take, in ms.
   *
   * @default 10,000
   */
  readonly timeout?: number;
  /**
   * Gives the call up when it is aborted. The server may have done what it was asked for all the
   * same.
   */
  readonly signal?: AbortSignal;
}

const methods: readonly unknown[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What users ask: the body of a success, or an error. */
export const askRest =
  (rest: Rest | null) =>
  (path: string, body?: object, options: RestOptions = {}): Observable<unknown> =>
    defer(() => {
      if (!rest) throw new TypeError('This stream asks nothing by REST: it has no "fetch".');
      mustBeKnown('', options, ['method', 'timeout', 'signal']);
      const { method, signal } = options;
      mustBe(method === undefined || methods.includes(method), 'method', 'a method of HTTP');
      mustBe(!signal || has(signal, 'addEventListener'), 'signal', 'an AbortSignal');
      const { timeout } = amounts('', options, { timeout: 10_000 });
      const aborted$ = signal
        ? abortOf(signal).pipe(
            map(() => {
              throw new ManagerError(path, 0, null, 'aborted', ': it was aborted.', {
                cause: signal.reason,
              });
            }),
          )
        : NEVER;
      return merge(aborted$, rest(path, body && JSON.stringify(body), { method, timeout }));
    }).pipe(
      take(1),
      defaultIfEmpty(null),
      map((answer) => {
        if (answer === null) throw new ManagerError(path, 0, null, 'unanswered');
        return bodyOf(path, answer);
      }),
    );
