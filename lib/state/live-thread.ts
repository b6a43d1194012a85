import { Subject, Subscription, tap } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { forThread, ofType } from '../match/index.js';
import type { ServerRequest } from '../requests/index.js';
import type { CodexStream } from '../stream/index.js';
import { createThreadFold } from './create-thread-fold.js';
import { familyOf } from './family.js';
import { foldedTypes } from './fold-event.js';
import { createRereading } from './rereading.js';
import { returnsOf } from './returns.js';
import type { Followed } from './live-state.js';
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
  /** What the agent asks in this thread and is not answered, the oldest first. */
  readonly requests: readonly ThreadRequest[];
}

const reverted = 'app_server.thread.reverted';

/** Events after which the server stores less, or sends no events of the thread. */
const resets: readonly string[] = [reverted, 'app_server.thread.closed'];

/** Follows a thread: its events are folded at once, and a snapshot is merged when it comes. */
export function followThread(
  stream: CodexStream,
  source: StateSource,
  threadId: string,
): Followed<ThreadState> {
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
  /** Whether the source has yet to recover from a gap. */
  let isRecovering = false;
  let waitsForTurn = false;
  /** What the next snapshot means for turns and items that it lacks. */
  let [replaces, restarted] = [false, false];

  function change(): void {
    if (isShown) changed.next();
  }

  function settle(result: ThreadState['snapshot'], why: Error | null): void {
    isShown = true;
    snapshot = isRecovering ? 'loading' : result;
    error = why;
    change();
  }

  const reading = createRereading({
    read() {
      const after = fold.count;
      const meaning = { replaces, restarted };
      replaces = restarted = false;
      return source.readSnapshot(threadId).pipe(
        tap({
          next: (stored) => {
            fold.merge({ ...stored, ...meaning }, after);
          },
          error() {
            replaces ||= meaning.replaces;
            restarted ||= meaning.restarted;
          },
        }),
      );
    },
    begun() {
      waitsForTurn = false;
      snapshot = 'loading';
      change();
    },
    done() {
      family.learn(threadId, fold.view().parentId);
      settle('joined', null);
    },
    failed(why) {
      const fault = source.faultOf(why);
      if (fault === 'not stored') settle('none', null);
      else settle('failed', why);
      // Nothing is stored before the first turn, of which events are heard.
      waitsForTurn = fault === 'not stored' && fold.view().turns.length === 0;
      return !waitsForTurn && fault !== 'gone' && !isRecovering;
    },
  });

  function push(event: Envelope): void {
    fold.push(event);
    if (event.type === reverted) replaces = true;
    const hasBegun = waitsForTurn && fold.view().turns.length > 0;
    if (hasBegun || resets.includes(event.type)) reading.refresh();
    else change();
  }

  lifetime.add(reading.stop);
  lifetime.add(
    stream.on(forThread(threadId), ofType(...(foldedTypes() as [string]), ...resets), push, {
      name: `threadState(${threadId})`,
    }),
  );
  lifetime.add(
    stream.requests.pending$.subscribe((requests) => {
      pending = requests.filter((request) => request.threadId === threadId);
      change();
    }),
  );
  lifetime.add(
    returnsOf(stream, (gap) => {
      isRecovering = true;
      fold.gap(gap);
      snapshot = 'loading';
      change();
    }).subscribe((isNew) => {
      isRecovering = false;
      restarted ||= isNew;
      reading.refresh();
    }),
  );
  lifetime.add(
    stream.status$.subscribe({
      complete() {
        lifetime.unsubscribe();
        if (reading.isReading || !isShown) settle('failed', new Error('The stream is closed.'));
        changed.complete();
      },
    }),
  );
  lifetime.add(stream.keepOpen());
  reading.refresh();

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
    refresh: reading.refresh,
    stop() {
      lifetime.unsubscribe();
    },
  };
}
