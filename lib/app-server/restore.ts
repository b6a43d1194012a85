import { map, of, switchMap, takeUntil, tap, timeout, timer, type Observable } from 'rxjs';
import { toObservable } from '../async/index.js';
import type { Recovery } from '../requests/index.js';
import type { Resync } from '../stream/index.js';
import { unanswered } from './call-error.js';
import { retryOverloaded } from './calls.js';
import type { AppServerRequests } from './server-requests.js';
import { resumeThreads, type Request, type Resumed, type Threads } from './threads.js';

export interface RestoreSettings {
  readonly request: Request;
  readonly threads: Threads;
  readonly requests: Pick<AppServerRequests, 'restarted' | 'dropUnseen'>;
  /** How long a thread may take to be resumed, in milliseconds. */
  readonly callTimeout: number;
  readonly random: () => number;
  /** Emits when the connection is lost. */
  readonly lost$: Observable<unknown>;
  /** The resync of the caller's own. */
  readonly resync: Resync | null;
  /** Called when it begins, and when other calls may be sent. */
  readonly begin: () => void;
  readonly done: () => void;
}

/**
 * How long the server may take to send pending requests again after its threads were resumed, in
 * ms.
 */
const replayGrace = 2_000;

/**
 * What is done when a stream is back, before anything else is sent: its threads are followed again,
 * and the requests that the server does not send again were settled meanwhile.
 */
export function restoring({
  request,
  threads,
  requests,
  callTimeout,
  random,
  lost$,
  resync,
  begin,
  done,
}: RestoreSettings): Resync {
  const patient: Request = (method, params) =>
    request(method, params).pipe(
      timeout({
        first: callTimeout,
        with() {
          throw unanswered('timeout', method, `No result came within ${callTimeout} ms.`, true);
        },
      }),
      retryOverloaded(random),
    );

  /** What is not sent again now was settled meanwhile. */
  function dropUnseen(resumed: ReadonlySet<string>): void {
    timer(replayGrace)
      .pipe(takeUntil(lost$))
      .subscribe(() => {
        requests.dropUnseen(resumed);
      });
  }

  return (gap, signal) => {
    const resumed = new Set<string>();
    begin();
    const callbacks: Resumed = {
      // At once: what it asks next may have an id that an answer is still kept for.
      restarted: () => {
        requests.restarted();
      },
      resumed: (threadId) => {
        resumed.add(threadId);
      },
    };
    return resumeThreads(patient, threads, callbacks).pipe(
      tap(({ restarted }) => {
        if (restarted !== true) dropUnseen(resumed);
        done();
      }),
      switchMap((own) =>
        resync === null
          ? of(own)
          : toObservable(() => resync(gap, signal)).pipe(map((theirs) => both(own, theirs))),
      ),
    );
  };
}

const both = (own: Recovery, theirs: Recovery): Recovery => ({
  ...own,
  recovered: [...own.recovered, ...theirs.recovered],
  complete: own.complete && theirs.complete,
  error: own.error ?? theirs.error,
});
