import { computed, DestroyRef, effect, inject, untracked, type Signal } from '@angular/core';
import { noop } from 'rxjs';
import type { Live } from './live.js';

/**
 * Retains what `locate` finds, as long as its injection context lives. The value comes from a
 * `computed`, so that it never belongs to an id that was left; an effect does no more than retain.
 */
export function holdLive<T>(locate: () => Live<T> | null): Signal<Live<T> | null> {
  const current = computed(locate);
  let held: Live<T> | null = null;
  let release: () => void = noop;

  function hold(next: Live<T> | null): void {
    if (next === held) return;
    const releaseBefore = release;
    held = next;
    release = next?.retain() ?? noop;
    releaseBefore();
  }

  try {
    // Not by way of `current`: it would keep the error of a field that is not initialized yet.
    untracked(() => {
      hold(locate());
    });
  } catch {
    // An input without a value so far: the effect is in time.
  }
  effect(() => {
    const next = current();
    untracked(() => {
      hold(next);
    });
  });
  inject(DestroyRef).onDestroy(() => {
    hold(null);
  });
  return current;
}
