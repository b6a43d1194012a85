import { map, merge, pairwise, switchMap, tap, filter, startWith, type Observable } from 'rxjs';
import type { CodexStream, Gap } from '../stream/index.js';
import type { Upstream } from '../socket/index.js';

/**
 * Emits when what a server says may have been missed and can be asked for again: whether the server
 * began anew. After a gap that is when the source has recovered, for it follows its threads again
 * first; of a Codex behind codex-manager, when it runs again.
 */
export const returnsOf = (
  stream: CodexStream,
  lost: (gap: Gap) => void = () => undefined,
): Observable<boolean> =>
  merge(
    stream.gaps$.pipe(
      tap(lost),
      switchMap(({ recovery$ }) => recovery$),
      map(({ restarted }) => restarted === true),
    ),
    stream.status$.pipe(
      map((status): Upstream => (status.state === 'open' ? status.upstream : 'unknown')),
      filter((upstream) => upstream !== 'unknown'),
      startWith('up'),
      pairwise(),
      filter(([before, upstream]) => before === 'down' && upstream === 'up'),
      map(() => true),
    ),
  );
