import { assertInInjectionContext, computed, type Signal } from '@angular/core';
import { holdLive } from './hold-live.js';
import { read, type MaybeSignal } from './maybe-signal.js';
import type { RequestCard } from './request-card.js';
import { injectSignals } from './stream-signals.js';
import { nameOf, type StreamChoice } from './stream-token.js';

/** Whose requests are injected. */
export interface RequestsOf extends StreamChoice {
  /**
   * Only the requests of this thread; of none, while it is `null`.
   *
   * @default those of every thread
   */
  readonly threadId?: MaybeSignal<string | null | undefined>;
}

/**
 * The requests that wait for an answer, the oldest first.
 *
 * @example
 * readonly requests = injectRequests({ threadId: this.id });
 * // {{ requests().length }} wait for an answer.
 */
export function injectRequests(options: RequestsOf = {}): Signal<readonly RequestCard[]> {
  assertInInjectionContext(injectRequests);
  const { threadId } = options;
  const { requests } = injectSignals(nameOf(options, ['stream', 'threadId']));
  holdLive(() => requests);
  if (threadId === undefined) return requests.value;
  return computed(() => {
    const id = read(threadId);
    return requests.value().filter((card) => card.threadId !== null && card.threadId === id);
  });
}
