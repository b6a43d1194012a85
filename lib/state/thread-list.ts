import { Subject, Subscription, tap, timer } from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import { ofType } from '../match/index.js';
import type { ServerRequest } from '../requests/index.js';
import type { StreamContext } from '../router/index.js';
import type { CodexStream } from '../stream/index.js';
import { familyOf } from './family.js';
import { createListedThreads, listedTypes } from './listed-threads.js';
import { createReading } from './reading.js';
import { liveState, type Followed, type LiveState, type StateOptions } from './live-state.js';
import { stateSource, type StateSource } from './sources.js';
import { createRootNaming } from './thread-requests.js';
import type { ThreadSummary } from './thread-summary.js';

/**
 * One summary for each thread, those first that need somebody: what the server lists, and what its
 * events have changed since. It resumes and loads no thread, so on `codex app-server` a thread that
 * this connection does not follow changes by its status alone. Opens the stream.
 *
 * @example
 * threadList(stream).subscribe((threads) => render(threads.filter(({ need }) => need !== 'idle')));
 *
 * @throws TypeError if the stream comes from neither `connectManager` nor `connectAppServer`.
 */
export function threadList(
  stream: CodexStream,
  options: StateOptions = {},
): LiveState<readonly ThreadSummary[]> {
  const source = stateSource(stream);
  return liveState(stream, 'threads', options, (freeze) => followList(stream, source, freeze));
}

/** How long to wait for more before the list is read for a thread that it lacks, in ms. */
const patience = 250;

const [gone, unarchived] = [
  ['app_server.thread.archived', 'app_server.thread.deleted', 'session_deleted'],
  'app_server.thread.unarchived',
];

function followList(
  stream: CodexStream,
  source: StateSource,
  freeze: boolean,
): Followed<readonly ThreadSummary[]> {
  const threads = createListedThreads(familyOf(stream), freeze);
  const nameRoots = createRootNaming(stream);
  const changed = new Subject<void>();
  const lifetime = new Subscription();
  /** Threads that were asked for: those that the server does not list stay unknown. */
  const asked = createBoundedMap<string, true>(1_000);
  let pending: readonly ServerRequest[] = [];
  let isShown = false;
  let soon = Subscription.EMPTY;

  function change(): void {
    for (const { threadId } of pending) lookUp(threadId);
    if (isShown) changed.next();
  }

  function show(): void {
    isShown = true;
    change();
  }

  const reading = createReading(stream, lifetime, {
    read() {
      const after = threads.count;
      return source.listThreads().pipe(
        tap((listed) => {
          threads.replace(listed, after);
        }),
      );
    },
    done: show,
    failed() {
      show();
      return true;
    },
    returned() {
      asked.clear();
      return true;
    },
    closed() {
      show();
      changed.complete();
    },
  });

  /** Learns of a thread that the list lacks. */
  function lookUp(threadId: string | null): void {
    if (threadId === null || !isShown || threads.has(threadId) || asked.has(threadId)) return;
    asked.set(threadId, true);
    const thread$ = source.readThread(threadId);
    if (thread$ === null) {
      if (soon.closed) lifetime.add((soon = timer(patience).subscribe(reading.refresh)));
      return;
    }
    lifetime.add(
      thread$.subscribe({
        next(thread) {
          if (!threads.has(thread.id)) threads.add(thread);
          lookUp(thread.parentId);
          change();
        },
        error() {
          asked.delete(threadId);
        },
      }),
    );
  }

  function push(event: Envelope, { receivedAt }: StreamContext): void {
    const { type, threadId } = event;
    if (threadId === null) return;
    threads.push(threadId, event, receivedAt);
    if (gone.includes(type)) threads.remove(threadId);
    else if (type === unarchived) reading.refresh();
    else lookUp(threadId);
    change();
  }

  const types = ofType(...(listedTypes() as [string]), ...gone, unarchived);
  lifetime.add(stream.on(types, push, { name: 'threadList' }));
  lifetime.add(
    stream.requests.pending$.subscribe((requests) => {
      pending = requests;
      change();
    }),
  );
  lifetime.add(stream.keepOpen());
  reading.refresh();

  return {
    changed$: changed,
    read: () => (isShown ? threads.read(nameRoots(pending)) : null),
    refresh: reading.refresh,
    lifetime,
  };
}
