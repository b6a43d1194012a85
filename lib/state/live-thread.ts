import { Subject, Subscription, switchMap, tap, timer, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { forThread, ofType } from '../match/index.js';
import type { ServerRequest } from '../requests/index.js';
import type { CodexStream } from '../stream/index.js';
import { createThreadFold } from './create-thread-fold.js';
import { familyOf } from './family.js';
import { foldedTypes } from './fold-event.js';
import type { StateSource } from './sources.js';
import { createRootNaming, type ThreadRequest } from './thread-requests.js';
import type { ThreadView } from './thread-view.js';

/** A thread as it is now: its events folded, joined with what the server stores. */
export interface ThreadState extends ThreadView {
  /**
   * What the server stores of it: `none` before its first turn, `loading` while it is read, `joined`
   * once it is merged, `failed` if it could not be read. It is read again after every gap.
   */
  readonly snapshot: 'none' | 'loading' | 'joined' | 'failed';
  /** Why it could not be read: what was known of the thread stays. */
  readonly error: Error | null;
  /** What the agent asks in this thread and nobody has answered, the oldest first. */
  readonly requests: readonly ThreadRequest[];
}

/** A thread that is followed. */
export interface LiveThread {
  /** Emits when the state has changed; completes with the stream. */
  readonly changed$: Observable<void>;
  /** The state; `null` until the first snapshot is read, or cannot be. */
  read(): ThreadState | null;
  /** Reads the snapshot again. */
  refresh(): void;
  /** Follows the thread no more. */
  stop(): void;
}

const started = 'app_server.turn.started';
const reverted = 'app_server.thread.reverted';

/** Events after which the server stores less, or sends no events of the thread. */
const resets: readonly string[] = [reverted, 'app_server.thread.closed'];

/** How long to wait before a snapshot that failed is read again, in ms: at first, and at most. */
const [retryBase, retryCap] = [500, 30_000];

/** Follows a thread: its events are folded at once, and a snapshot is merged when it comes. */
export function followThread(
  stream: CodexStream,
  source: StateSource,
  pending$: Observable<readonly ServerRequest[]>,
  threadId: string,
): LiveThread {
  const family = familyOf(stream);
  const fold = createThreadFold(threadId);
  const nameRoots = createRootNaming(stream);
  const changed = new Subject<void>();
  const lifetime = new Subscription();
  let snapshot: ThreadState['snapshot'] = 'loading';
  let error: Error | null = null;
  let pending: readonly ServerRequest[] = [];
  /** The last state that was read, and the view that it was made of. */
  let state: ThreadState | null = null;
  let base: ThreadView | null = null;
  let isShown = false;
  let isReading = false;
  /** Whether the snapshot has to be read once more. */
  let isStale = false;
  /** Whether the source has yet to recover from a gap. */
  let isRecovering = false;
  let failures = 0;
  let retry = Subscription.EMPTY;
  /** What a snapshot means for turns and items that it lacks. */
  let [replaces, restarted] = [false, false];

  function change(): void {
    if (isShown) changed.next();
  }

  function settle(result: ThreadState['snapshot'], why: Error | null): void {
    isReading = false;
    isShown = true;
    snapshot = isRecovering ? 'loading' : result;
    error = why;
    change();
  }

  function readSnapshot(): void {
    isStale = isReading;
    if (isReading) return;
    isReading = true;
    retry.unsubscribe();
    const after = fold.count;
    const meaning = { replaces, restarted };
    replaces = restarted = false;
    snapshot = 'loading';
    change();
    const reading = source.readSnapshot(threadId).subscribe({
      next(stored) {
        failures = 0;
        fold.merge({ ...stored, ...meaning }, after);
        family.learn(threadId, fold.view().parentId);
        settle('joined', null);
        if (isStale) readSnapshot();
      },
      error(why: unknown) {
        replaces ||= meaning.replaces;
        restarted ||= meaning.restarted;
        const fault = source.faultOf(why);
        if (fault === 'not stored') settle('none', null);
        else settle('failed', why instanceof Error ? why : new Error(String(why)));
        // Nothing is stored before the first turn, whose start is heard.
        const waits = fault === 'not stored' && fold.view().turns.length === 0;
        if (isStale) readSnapshot();
        else if (!waits && fault !== 'gone' && !isRecovering) retryLater();
      },
    });
    lifetime.add(reading);
  }

  function retryLater(): void {
    const wait = Math.min(retryCap, retryBase * 2 ** Math.min(failures++, 10));
    retry = timer(wait).subscribe(readSnapshot);
    lifetime.add(retry);
  }

  function push(event: Envelope): void {
    fold.push(event);
    if (event.type === reverted) replaces = true;
    const isFirst = event.type === started && isShown && snapshot === 'none';
    if (isFirst || resets.includes(event.type)) readSnapshot();
    else change();
  }

  /** Whether the Codex behind codex-manager was gone: what ran there has ended. */
  let wasDown = false;

  lifetime.add(
    stream.on(forThread(threadId), ofType(...(foldedTypes() as [string]), ...resets), push, {
      name: `threadState(${threadId})`,
    }),
  );
  lifetime.add(
    pending$.subscribe((requests) => {
      pending = requests.filter((request) => request.threadId === threadId);
      change();
    }),
  );
  lifetime.add(
    stream.gaps$
      .pipe(
        tap((gap) => {
          isRecovering = true;
          fold.gap(gap);
          snapshot = 'loading';
          change();
        }),
        // The source follows its threads again before its recovery emits.
        switchMap(({ recovery$ }) => recovery$),
      )
      .subscribe((recovery) => {
        isRecovering = false;
        if (recovery.restarted === true) restarted = true;
        readSnapshot();
      }),
  );
  lifetime.add(
    stream.status$.subscribe({
      next(status) {
        if (status.state !== 'open' || status.upstream === 'unknown') return;
        if (wasDown && status.upstream === 'up') {
          restarted = true;
          readSnapshot();
        }
        wasDown = status.upstream === 'down';
      },
      complete() {
        lifetime.unsubscribe();
        if (isReading || !isShown) settle('failed', new Error('The stream is closed.'));
        changed.complete();
      },
    }),
  );
  lifetime.add(stream.keepOpen());
  if (!lifetime.closed) readSnapshot();

  return {
    changed$: changed,
    read() {
      if (!isShown) return null;
      const view = fold.view();
      const requests = nameRoots(pending);
      const isSame =
        view === base &&
        state?.snapshot === snapshot &&
        state.error === error &&
        state.requests === requests;
      if (isSame) return state;
      for (const child of view.children) family.learn(child.threadId, threadId);
      base = view;
      return (state = { ...view, snapshot, error, requests });
    },
    refresh: readSnapshot,
    stop() {
      lifetime.unsubscribe();
    },
  };
}
