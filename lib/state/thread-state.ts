import {
  defer,
  distinctUntilChanged,
  map,
  merge,
  Observable,
  of,
  Subscription,
  take,
  timer,
} from 'rxjs';
import { mustBe, mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import { followThread, type LiveThread, type ThreadState } from './live-thread.js';
import { sampled, type Every } from './sampled.js';
import { stateSource } from './sources.js';

export interface ThreadStateOptions {
  /**
   * How often this reader gets the state at most. The first one comes at once.
   *
   * @default 'event'
   */
  readonly every?: Every;
}

/** The state of a thread: now, and whenever it changes. Completes when the stream is closed. */
export interface ThreadStates extends Observable<ThreadState> {
  /** Reads the snapshot again: whether the thread has readers, for whom it is read. */
  refresh(): boolean;
}

/** A thread that is followed for its readers. */
interface Shared {
  readonly thread: LiveThread;
  readers: number;
  lingering: Subscription;
}

const followed = /* @__PURE__ */ new WeakMap<CodexStream, Map<string, Shared>>();

/** How long a thread is followed after its last reader has left, in ms. */
const linger = 1_000;

/**
 * The state of one thread, which all its readers share. It is followed from the first reader on: its
 * events are folded as they come, and joined with what the server stores. The first state comes with
 * the first snapshot, or with its failure; later ones whenever something changes. Opens the stream.
 *
 * On `codex app-server` this resumes the thread, so that its events come to this connection.
 *
 * @example
 * threadState(stream, threadId).subscribe(({ turns }) => render(turns));
 *
 * @throws TypeError if the stream comes from neither `connectManager` nor `connectAppServer`.
 */
export function threadState(
  stream: CodexStream,
  threadId: string,
  options: ThreadStateOptions = {},
): ThreadStates {
  mustBe(typeof threadId === 'string' && threadId !== '', 'threadId', 'the id of a thread');
  mustBeKnown('', options, ['every']);
  const { every = 'event' } = options;
  // Looked at now: codex-manager's requests are followed from the first look on.
  const [source, { pending$ }] = [stateSource(stream), stream.requests];
  const threads = followed.get(stream) ?? new Map<string, Shared>();
  followed.set(stream, threads);

  function retain(): Shared {
    const shared = threads.get(threadId) ?? {
      thread: followThread(stream, source, pending$, threadId),
      readers: 0,
      lingering: Subscription.EMPTY,
    };
    threads.set(threadId, shared);
    shared.readers++;
    shared.lingering.unsubscribe();
    return shared;
  }

  function release(shared: Shared): void {
    shared.readers--;
    if (shared.readers > 0) return;
    const stop = () => {
      shared.thread.stop();
      shared.lingering.unsubscribe();
      threads.delete(threadId);
    };
    shared.lingering = timer(linger).subscribe(stop);
    shared.lingering.add(shared.thread.changed$.subscribe({ complete: stop }));
  }

  const state$ = new Observable<ThreadState>((subscriber) => {
    const shared = retain();
    subscriber.add(() => {
      release(shared);
    });
    const { changed$ } = shared.thread;
    const read = () => shared.thread.read();
    // The first state at once: the one that there is, or the next.
    const first$ = defer(() => (read() ? of(null) : changed$)).pipe(
      take(1),
      map(() => read() as ThreadState),
    );
    merge(sampled(changed$, every, read), first$)
      .pipe(distinctUntilChanged())
      .subscribe(subscriber);
  });
  return Object.assign(state$, {
    refresh() {
      const { thread, readers = 0 } = threads.get(threadId) ?? {};
      if (readers > 0) thread?.refresh();
      return readers > 0;
    },
  });
}
