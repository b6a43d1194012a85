import { assertInInjectionContext, type Signal } from '@angular/core';
import type { ThreadSummary } from '../state/index.js';
import { holdLive } from './hold-live.js';
import { injectSignals } from './stream-signals.js';
import { nameOf, type StreamChoice } from './stream-token.js';

/**
 * One summary for each thread, those first that need somebody; `undefined` until the server's list
 * is read. It loads no thread.
 *
 * @example
 * readonly threads = injectThreads();
 * // {{ threads()?.length }} threads; the first is {{ threads()?.[0]?.need }}.
 */
export function injectThreads(choice?: StreamChoice): Signal<readonly ThreadSummary[] | undefined> {
  assertInInjectionContext(injectThreads);
  const { threads } = injectSignals(nameOf(choice));
  holdLive(() => threads);
  return threads.value;
}
