import { assertInInjectionContext, computed, type Signal } from '@angular/core';
import type { ThreadState } from '../state/index.js';
import { holdLive } from './hold-live.js';
import type { Live } from './live.js';
import { liveResource, type LiveResource } from './live-resource.js';
import { read, type MaybeSignal } from './maybe-signal.js';
import { injectSignals } from './stream-signals.js';
import { nameOf, type StreamChoice } from './stream-token.js';

/** A thread, in the shape of Angular's `Resource`. */
export type ThreadRef = LiveResource<ThreadState | undefined>;

/**
 * The state of a thread, whose readers share it: it is followed while there are any, and a moment
 * longer. Its value is `undefined` without an id and before the first snapshot; when the id changes
 * it never shows the old thread.
 *
 * @param id A value, or a Signal, an `input()` or an arrow.
 * @example
 * readonly id = input.required<string>();
 * readonly thread = injectThread(this.id);
 * // {{ thread.value()?.name }} has {{ thread.value()?.turns?.length }} turns.
 */
export function injectThread(
  id: MaybeSignal<string | null | undefined>,
  choice?: StreamChoice,
): ThreadRef {
  assertInInjectionContext(injectThread);
  return liveResource(injectLiveThread(() => read(id), choice));
}

/** The thread of an id, followed as long as its injection context lives. */
export function injectLiveThread(
  id: () => string | null | undefined,
  choice: StreamChoice | undefined,
): Signal<Live<ThreadState | undefined> | null> {
  const signals = injectSignals(nameOf(choice));
  return holdLive(() => {
    const threadId = id();
    return threadId == null ? null : signals.thread(threadId);
  });
}

/** What a part of a thread shows; recomputed only for threads that have changed. */
export function injectOfThread<At extends { readonly threadId: string }, T>(
  at: MaybeSignal<At | null | undefined>,
  choice: StreamChoice | undefined,
  select: (thread: ThreadState | undefined, at: At) => T,
  otherwise: T,
): Signal<T> {
  const live = injectLiveThread(() => read(at)?.threadId, choice);
  return computed(() => {
    const place = read(at);
    return place ? select(live()?.value(), place) : otherwise;
  });
}
