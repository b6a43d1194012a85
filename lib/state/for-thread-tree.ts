import {
  catchError,
  EMPTY,
  from,
  mergeMap,
  Observable,
  Subscription,
  timer,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import { amounts, mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import { childrenOf } from './children-of.js';
import { familyOf } from './family.js';
import { listDescendants } from './descendants.js';
import { paramsOf } from './loose.js';
import { mustBeId } from './must-be-id.js';
import { stateSource } from './sources.js';

/** The options of `forThreadTree`. */
export interface ThreadTreeOptions {
  /**
   * How long the events of a thread wait that may be a sub-agent, until an item names it, in ms.
   *
   * @default 1_000
   */
  readonly wait?: number;
  /**
   * How many events may wait. Those of the thread that waits longest go first.
   *
   * @default 1_000
   */
  readonly bound?: number;
}

/** How many threads are resumed at once. */
const concurrency = 4;

/**
 * The events of a thread and of its sub-agents. No event announces a sub-agent: an item of its parent
 * names it, perhaps after its first events, so those of a thread that is not known wait a moment.
 * The order of each thread stays.
 *
 * At first and after every gap the server is asked for the sub-agents, and each is resumed: on
 * `codex app-server`, with the option `experimental`. It is an operator and no matcher: it holds
 * events back, and has no key.
 *
 * @example
 * stream.events$.pipe(forThreadTree(stream, threadId)).subscribe(show);
 *
 * @throws TypeError if the stream comes from neither `connectManager` nor `connectAppServer`.
 */
export function forThreadTree(
  stream: CodexStream,
  rootThreadId: string,
  options: ThreadTreeOptions = {},
): MonoTypeOperatorFunction<Envelope> {
  mustBeId('rootThreadId', rootThreadId);
  mustBeKnown('', options, ['wait', 'bound']);
  const { wait, bound } = amounts('', options, { wait: 1_000, bound: 1_000 });
  const source = stateSource(stream);
  const family = familyOf(stream);
  return (events$) =>
    new Observable((subscriber) => {
      const members = new Set([rootThreadId]);
      /** Threads that waited in vain: they pass once an item names them. */
      const strangers = createBoundedMap<string, true>(10_000);
      const waiting = new Map<
        string,
        { readonly events: Envelope[]; readonly end: Subscription }
      >();
      let held = 0;

      function drop(threadId: string): readonly Envelope[] {
        const { events = [], end } = waiting.get(threadId) ?? {};
        end?.unsubscribe();
        waiting.delete(threadId);
        held -= events.length;
        return events;
      }

      function giveUp(threadId: string): void {
        drop(threadId);
        strangers.set(threadId, true);
      }

      function admit(threadId: string, parentId: string): void {
        family.learn(threadId, parentId);
        if (members.has(threadId)) return;
        members.add(threadId);
        strangers.delete(threadId);
        for (const event of drop(threadId)) pass(event);
      }

      function pass(event: Envelope): void {
        subscriber.next(event);
        for (const child of childrenOf(paramsOf(event)?.['item'])) {
          admit(child.threadId, event.threadId as string);
        }
      }

      function hold(threadId: string, event: Envelope): void {
        const known = waiting.get(threadId);
        if (known) known.events.push(event);
        else {
          const end = timer(wait).subscribe(() => {
            giveUp(threadId);
          });
          subscriber.add(end);
          waiting.set(threadId, { events: [event], end });
        }
        held++;
        if (held > bound) giveUp(waiting.keys().next().value as string);
      }

      subscriber.add(
        events$.subscribe({
          next(event) {
            const { threadId } = event;
            if (threadId === null || strangers.has(threadId)) return;
            const parentId = family.parentOf(threadId);
            if (parentId !== null && members.has(parentId)) admit(threadId, parentId);
            if (members.has(threadId)) pass(event);
            else if (family.rootOf(threadId) === threadId) strangers.set(threadId, true);
            else hold(threadId, event);
          },
          error(error: unknown) {
            subscriber.error(error);
          },
          complete() {
            subscriber.complete();
          },
        }),
      );
      const lifetime = new Subscription();
      subscriber.add(lifetime);
      listDescendants(stream, lifetime, source, rootThreadId, {
        has: (threadId) => members.has(threadId),
        admit,
        listed(threadIds) {
          const follow = (id: string) =>
            // One that cannot be resumed is over.
            source.followThread(id).pipe(catchError(() => EMPTY));
          const children = threadIds.filter((id) => members.has(id));
          lifetime.add(from(children).pipe(mergeMap(follow, concurrency)).subscribe());
        },
      });
    });
}
