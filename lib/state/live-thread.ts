import { Subject, Subscription, tap } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { forThread, ofType } from '../match/index.js';
import type { ServerRequest } from '../requests/index.js';
import type { StreamContext } from '../router/index.js';
import type { CodexStream } from '../stream/index.js';
import { createCatchUp } from './catch-up.js';
import { createThreadFold } from './create-thread-fold.js';
import { familyOf } from './family.js';
import { foldedTypes } from './fold-event.js';
import { createReading } from './reading.js';
import { kept } from './kept.js';
import type { Followed } from './live-state.js';
import { freezer } from './nodes.js';
import type { StateSource } from './sources.js';
import { createRootNaming, type ThreadRequest } from './thread-requests.js';
import type { ThreadView } from './thread-view.js';
import { isDoubtful } from './turn-verdict.js';

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

/** Events after which the server stores less, or sends no events of the thread. */
const [reverted, closed] = ['app_server.thread.reverted', 'app_server.thread.closed'];

const nothing = { replaces: false, restarted: false };

/** Follows a thread: its events are folded at once, and a snapshot is merged when it comes. */
export function followThread(
  stream: CodexStream,
  source: StateSource,
  threadId: string,
  isFrozen: boolean,
): Followed<ThreadState> {
  const family = familyOf(stream);
  const newFold = () => createThreadFold(threadId, { freeze: isFrozen });
  const catchUp = createCatchUp(newFold);
  let fold = newFold();
  const freeze = freezer(isFrozen);
  let isFirst = true;
  const nameRoots = createRootNaming(stream);
  const changed = new Subject<void>();
  const lifetime = new Subscription();
  let snapshot: ThreadState['snapshot'] = 'loading';
  let error: Error | null = null;
  let pending: readonly ServerRequest[] = [];
  /** The last state that was read. */
  let state: ThreadState | null = null;
  let isShown = false;
  /** Whether the source has yet to recover from a gap. */
  let isRecovering = false;
  let waitsForTurn = false;
  /** Whether the last snapshot is to be read again, once, for its last turn is in doubt. */
  let looksAgain = false;
  /** What the next snapshot means for turns and items that it lacks. */
  let meaning = nothing;

  function change(): void {
    if (isShown) changed.next();
  }

  function settle(result: ThreadState['snapshot'], why: Error | null = null): void {
    isShown = true;
    snapshot = isRecovering ? 'loading' : result;
    error = why;
    change();
  }

  const reading = createReading(stream, lifetime, {
    read() {
      const after = fold.count;
      const means = meaning;
      waitsForTurn = false;
      snapshot = 'loading';
      change();
      return source.readSnapshot(threadId, isFirst).pipe(
        tap(({ events = [], ...stored }) => {
          isFirst = false;
          const before = fold.count;
          fold = catchUp.begin(fold, events);
          fold.merge({ ...stored, ...means }, after + fold.count - before);
          if (meaning === means) meaning = nothing;
        }),
      );
    },
    done(stored) {
      looksAgain = !looksAgain && isDoubtful(stored);
      family.learn(threadId, fold.view().parentId);
      settle('joined');
    },
    isDoubtful: () => looksAgain,
    failed(why) {
      const fault = source.faultOf(why);
      // Nothing is stored before the first turn, of which events are heard.
      const isNew = fault === 'not stored';
      waitsForTurn = isNew && fold.view().turns.length === 0;
      if (isNew) settle('none');
      else settle('failed', why);
      return !waitsForTurn && fault !== 'gone' && !isRecovering;
    },
    lost(gap) {
      isRecovering = true;
      catchUp.reset();
      fold.gap(gap);
      snapshot = 'loading';
      change();
    },
    returned(isNew) {
      isRecovering = false;
      if (isNew) meaning = { ...meaning, restarted: true };
      return true;
    },
    closed(isBusy) {
      if (isBusy || !isShown) settle('failed', new Error('The stream is closed.'));
      changed.complete();
    },
  });

  function push(event: Envelope, { seq }: StreamContext): void {
    const { type } = event;
    catchUp.push(fold, event, seq);
    if (type === reverted) meaning = { ...meaning, replaces: true };
    const hasBegun = waitsForTurn && fold.view().turns.length > 0;
    if (hasBegun || type === reverted || type === closed) reading.refresh();
    else change();
  }

  const types = ofType(...(foldedTypes() as [string]), reverted, closed);
  lifetime.add(stream.on(forThread(threadId), types, push, { name: `threadState(${threadId})` }));
  lifetime.add(
    stream.requests.pending$.subscribe((requests) => {
      pending = requests.filter((request) => request.threadId === threadId);
      change();
    }),
  );
  lifetime.add(stream.keepOpen());
  reading.refresh();

  return {
    changed$: changed,
    read() {
      if (!isShown) return null;
      const view = fold.view();
      for (const child of view.children) family.learn(child.threadId, threadId);
      const requests = freeze(nameRoots(pending));
      return (state = freeze(kept(state, { ...view, snapshot, error, requests })));
    },
    refresh: reading.refresh,
    lifetime,
  };
}
