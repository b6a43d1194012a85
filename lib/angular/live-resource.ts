import { computed, untracked, type Signal } from '@angular/core';
import type { Live } from './live.js';

/** A value and how it is known, as `Resource.snapshot` of Angular 21 says it. */
export type LiveSnapshot<T> =
  | { readonly status: 'idle' | 'loading' | 'reloading' | 'resolved' | 'local'; readonly value: T }
  | { readonly status: 'error'; readonly error: Error };

/**
 * The members of Angular's `Resource`, so that what takes one takes this. Reading it never throws:
 * after a failure the last value stays.
 */
export interface LiveResource<T> {
  readonly value: Signal<T>;
  /**
   * `idle`: there is no id. `reloading`: after a gap, or `reload()`. `error`: what the server
   * stores could not be read; live events go on.
   */
  readonly status: Signal<'idle' | 'loading' | 'reloading' | 'resolved' | 'error'>;
  readonly error: Signal<Error | undefined>;
  readonly isLoading: Signal<boolean>;
  readonly snapshot: Signal<LiveSnapshot<T>>;
  hasValue(): this is LiveResource<Exclude<T, undefined>>;
  /** Reads again what the server stores: whether it could. */
  reload(): boolean;
}

/** What state says of the snapshot that it was joined with. */
interface Joined {
  readonly snapshot: 'none' | 'loading' | 'joined' | 'failed';
  readonly error: Error | null;
}

export function liveResource<T extends Joined>(
  live: Signal<Live<T | undefined> | null>,
): LiveResource<T | undefined> {
  const value = computed(() => live()?.value());
  const error = computed(() => live()?.failure() ?? value()?.error ?? undefined);
  const status = computed(() => {
    if (!live()) return 'idle';
    if (error()) return 'error';
    const state = value();
    if (!state) return 'loading';
    return state.snapshot === 'loading' ? 'reloading' : 'resolved';
  });
  return {
    value,
    status,
    error,
    isLoading: computed(() => status().endsWith('loading')),
    snapshot: computed((): LiveSnapshot<T | undefined> => {
      const [state, why] = [status(), error()];
      if (why) return { status: 'error', error: why };
      return { status: state as 'idle', value: value() };
    }),
    hasValue: () => value() !== undefined,
    reload: () => untracked(live)?.reload?.() ?? false,
  } as LiveResource<T | undefined>;
}
