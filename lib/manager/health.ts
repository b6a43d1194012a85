import { catchError, distinctUntilChanged, map, of, repeat, timer, type Observable } from 'rxjs';
import { maxTimerMs } from '../async/index.js';
import type { Upstream } from '../socket/index.js';
import type { Rest, RestAnswer } from './rest.js';

/**
 * Asks codex-manager whether its codex runs: when that dies, the websocket stays open and answers
 * pings, and no event tells. A server that does not say is asked less and less often.
 *
 * @param interval How long to wait between two questions, in milliseconds.
 */
export function watchHealth(rest: Rest, interval: number): Observable<Upstream> {
  let silent = 0;
  return rest('/api/health', undefined, { maxBytes }).pipe(
    map(upstreamOf),
    catchError(() => of<Upstream>('unknown')),
    map((upstream) => {
      silent = upstream === 'unknown' ? silent + 1 : 0;
      return upstream;
    }),
    repeat({ delay: () => timer(Math.min(interval * 2 ** Math.min(silent, 10), maxTimerMs)) }),
    distinctUntilChanged(),
  );
}

/** An answer that is longer says something else, in bytes. */
const maxBytes = 2 ** 16;

function upstreamOf({ status, body }: RestAnswer): Upstream {
  const { codex } = Object(body) as { codex?: { running?: unknown } | null };
  if (status !== 200 || typeof codex?.running !== 'boolean') return 'unknown';
  return codex.running ? 'up' : 'down';
}
