import { filter, firstValueFrom, map, merge, NEVER, timer, type Observable } from 'rxjs';
import { amounts, mustBeKnown } from '../options/index.js';
import { ConnectionError, type ConnectionStatus } from '../socket/index.js';

/** The options of `connect()`. */
export interface ConnectOptions {
  /**
   * How long to wait until the stream is ready, in ms. Then the promise rejects, with the last
   * failure as `cause`; the stream goes on trying.
   *
   * @default without end
   */
  readonly timeout?: number;
}

/** Waits until a stream is ready; rejects with the reason if it is closed, or not ready in time. */
export function whenReady(
  status$: Observable<ConnectionStatus>,
  timeout: number | null,
  lastFailure: () => ConnectionError | null,
): Promise<void> {
  const late$ = timeout === null ? NEVER : timer(timeout).pipe(map(() => null));
  // One promise, and no `await` on the way: it settles before what is dispatched next.
  const ready$ = merge(status$.pipe(filter(isSettled)), late$).pipe(
    map((status) => {
      const cause = lastFailure();
      if (status === null) {
        const why = cause ? `: ${cause.message}` : '.';
        const message = `The stream was not ready within ${timeout} ms${why}`;
        throw new ConnectionError('timeout', message, false, null, { cause });
      }
      if (status.state !== 'closed') return;
      if (status.error) throw status.error;
      const message = `The stream was ${status.reason} before it was ready.`;
      throw new ConnectionError('lost', message, true, null, { cause });
    }),
  );
  return firstValueFrom(ready$, { defaultValue: undefined });
}

/** The `timeout` of `connect()`; `null` without one. */
export function connectTimeoutOf(options: ConnectOptions): number | null {
  mustBeKnown('', options, ['timeout']);
  return options.timeout === undefined ? null : amounts('', options, { timeout: 0 }).timeout;
}

const isSettled = (status: ConnectionStatus): boolean =>
  status.state === 'closed' || (status.state === 'open' && status.phase === 'ready');
