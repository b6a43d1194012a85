import { assertInInjectionContext, type Signal } from '@angular/core';
import type { TurnView } from '../state/index.js';
import { injectOfThread } from './inject-thread.js';
import type { MaybeSignal } from './maybe-signal.js';
import type { StreamChoice } from './stream-token.js';

/** Where a turn is. */
export interface TurnPlace {
  readonly threadId: string;
  readonly turnId: string;
}

/** A turn of a thread; `undefined` as long as it is not known. */
export function injectTurn(
  at: MaybeSignal<TurnPlace | null | undefined>,
  choice?: StreamChoice,
): Signal<TurnView | undefined> {
  assertInInjectionContext(injectTurn);
  return injectOfThread(
    at,
    choice,
    (thread, { turnId }) => thread?.turns.find(({ id }) => id === turnId),
    undefined,
  );
}
