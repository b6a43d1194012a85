import {
  AsyncSubject,
  catchError,
  defaultIfEmpty,
  filter,
  finalize,
  map,
  merge,
  of,
  take,
  type Observable,
  type Subject,
} from 'rxjs';
import { toObservable, type Later } from '../async/index.js';
import type { Recovery } from '../requests/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { Gap } from './codex-stream.js';

/**
 * Learns what was missed in a gap. Runs when the stream has come back; `signal` is aborted when the
 * connection is lost meanwhile, or the stream closed. The stream does not wait for it.
 */
export type Resync = (gap: Gap, signal: AbortSignal) => Later<Recovery>;

/** Announces a gap, and learns what was missed until its connection is over. */
export function announceGap(
  facts: Omit<Gap, 'recovery$'>,
  resync: Resync | null,
  status$: Observable<ConnectionStatus>,
  gaps: Subject<Gap>,
): void {
  const recovery = new AsyncSubject<Recovery>();
  const gap = { ...facts, recovery$: recovery.asObservable() };
  const isOver = (status: ConnectionStatus) =>
    status.state !== 'open' || status.connection !== facts.connection;
  gaps.next(gap);
  recover(resync, gap, status$.pipe(filter(isOver))).subscribe(recovery);
}

/** What a resync makes of a gap: one value, whatever happens. */
export function recover(
  resync: Resync | null,
  gap: Gap,
  lost$: Observable<unknown>,
): Observable<Recovery> {
  if (resync === null) return of(nothing(null));
  const abort = new AbortController();
  const answer$ = toObservable(() => resync(gap, abort.signal)).pipe(
    defaultIfEmpty(nothing(new Error('The resync had no answer.'))),
  );
  const lost = new Error('The connection was lost before the resync had an answer.');
  return merge(answer$, lost$.pipe(map(() => nothing(lost)))).pipe(
    take(1),
    catchError((cause: unknown) => of(nothing(cause instanceof Error ? cause : failed(cause)))),
    finalize(() => {
      abort.abort();
    }),
  );
}

const nothing = (error: Error | null): Recovery => ({ recovered: [], complete: false, error });

const failed = (cause: unknown) => new Error('The resync failed.', { cause });
