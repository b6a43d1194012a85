import {
  catchError,
  distinctUntilChanged,
  EMPTY,
  expand,
  filter,
  from,
  map,
  merge,
  mergeMap,
  switchMap,
  type Observable,
} from 'rxjs';
import { isReady } from '../socket/index.js';
import { ask, type Ask, type CodexStream } from '../stream/index.js';

/** How many threads are resumed at once. */
const concurrency = 4;

/**
 * Lets the events of all threads come that an app-server has loaded, now and later: without it
 * those alone come that its stream has started or resumed. A thread that cannot be resumed, such as
 * one without a turn, is passed over. Any other source sends the events of all threads.
 */
export function followAll(stream: CodexStream): Observable<unknown> {
  const { [ask]: asks } = stream as { readonly [ask]?: Ask };
  if (!asks || !('call' in stream)) return EMPTY;

  const page = (cursor: unknown) =>
    asks('thread/loaded/list', cursor === null ? {} : { cursor }).pipe(
      map((result) => Object(result) as { data?: readonly string[]; nextCursor?: unknown }),
      catchError(() => EMPTY),
    );
  const loaded$ = stream.status$.pipe(
    filter(isReady),
    map(({ connection }) => connection),
    distinctUntilChanged(),
    switchMap(() =>
      page(null).pipe(expand(({ nextCursor }) => (nextCursor ? page(nextCursor) : EMPTY))),
    ),
    mergeMap(({ data = [] }) => from(data)),
  );
  const started$ = stream.events$.pipe(
    filter(({ type }) => type === 'app_server.thread.started'),
    map(({ threadId }) => threadId),
  );
  return merge(loaded$, started$).pipe(
    mergeMap(
      (threadId) =>
        asks('thread/resume', { threadId, excludeTurns: true }).pipe(catchError(() => EMPTY)),
      concurrency,
    ),
  );
}
