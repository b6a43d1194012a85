import { assertInInjectionContext, type Signal } from '@angular/core';
import { injectOfThread } from './inject-thread.js';
import type { MaybeSignal } from './maybe-signal.js';
import type { StreamChoice } from './stream-token.js';

/** Where an item is. */
export interface ItemPlace {
  readonly threadId: string;
  readonly itemId: string;
}

/** The text of an item: what it says, or the output of a command; empty while there is none. */
export function injectText(
  at: MaybeSignal<ItemPlace | null | undefined>,
  choice?: StreamChoice,
): Signal<string> {
  assertInInjectionContext(injectText);
  return injectOfThread(
    at,
    choice,
    (thread, { itemId }) => {
      const items = thread?.turns.flatMap(({ items }) => items);
      return items?.find(({ id }) => id === itemId)?.text ?? '';
    },
    '',
  );
}
