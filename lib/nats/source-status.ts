import {
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  of,
  timer,
  type Observable,
} from 'rxjs';
import { now, ticks } from '../async/index.js';
import type { ConnectionStatus, Upstream } from '../socket/index.js';
import { encode } from './message.js';
import type { Shared, SharedByPublishers } from './setup.js';

/** How often the status of the publisher is read, in ms. */
const interval = 1_000;

/** What publishers write more often than this, in ms. */
const longestSilence = 15_000;

/** What the leader writes into the bucket of the state. */
interface SourceStatus {
  readonly state: ConnectionStatus['state'] | 'stopped';
  readonly upstream: Upstream;
  readonly term: number;
  readonly at: number;
}

/** Writes how the source of a leader is; where that fails, the next writing makes up for it. */
export async function writeSourceStatus(
  shared: SharedByPublishers | null,
  source: ConnectionStatus,
  term: number,
  state: SourceStatus['state'] = source.state,
): Promise<void> {
  const upstream = source.state === 'open' ? source.upstream : 'down';
  const status: SourceStatus = { state, upstream, term, at: now() };
  await shared?.state.put('status', encode(status)).catch(() => undefined);
}

/** Whether a publisher leads, and its source is there. */
export function sourceUpstream(shared: () => Shared | null): Observable<Upstream> {
  let revision = 0;
  let changedAt = 0;
  return timer(0, interval).pipe(
    concatMap(() =>
      defer(async (): Promise<Upstream> => {
        const entry = await shared()?.state.get('status');
        if (!entry) return 'unknown';
        if (entry.revision !== revision) [revision, changedAt] = [entry.revision, ticks()];
        // Clocks of two machines are not compared.
        if (ticks() - changedAt > longestSilence) return 'down';
        const { state, upstream } = entry.json<SourceStatus>();
        return state === 'open' ? upstream : 'down';
      }).pipe(catchError(() => of<Upstream>('unknown'))),
    ),
    distinctUntilChanged(),
  );
}
