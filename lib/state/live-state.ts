import {
  distinctUntilChanged,
  filter,
  map,
  merge,
  Observable,
  of,
  Subscription,
  take,
  timer,
} from 'rxjs';
import { mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import { perStream } from './per-stream.js';
import { sampled, type Every } from './sampled.js';

/** How often a reader gets the state, and how. */
export interface StateOptions {
  /**
   * How often this reader gets the state at most. The first one comes at once.
   *
   * @default 'event'
   */
  readonly every?: Every;
  /**
   * Whether the state is frozen, as a fold does it. Readers with and without it share nothing.
   *
   * @default false
   */
  readonly freeze?: boolean;
}

/** State of a stream: now, and whenever it changes. Completes when the stream is closed. */
export interface LiveState<State> extends Observable<State> {
  /** Reads what the server stores again: whether the state has readers, for whom it is read. */
  refresh(): boolean;
}

/** State that is kept as long as it has readers. */
export interface Followed<State> {
  /** Emits when the state has changed; completes with the stream. */
  readonly changed$: Observable<void>;
  /** The state; `null` while nothing is known. */
  read(): State | null;
  /** Reads what the server stores again. */
  refresh(): void;
  /** Ends it. */
  readonly lifetime: Subscription;
}

/** State that all its readers share, and that is kept for a moment after the last has left. */
interface Shared<State> {
  readonly followed: Followed<State>;
  readers: number;
  lingering: Subscription;
}

/** The shared states of a stream, by name. */
const statesOf = /* @__PURE__ */ perStream(() => new Map<string, Shared<unknown>>());

const keyOf = (name: string, freeze: boolean): string => (freeze ? `${name}, frozen` : name);

/** How long state is kept after its last reader has left, in ms. */
const linger = 1_000;

/** Keeps a shared state, which `follow` begins if nothing keeps it yet, until it is released. */
export function retain<State>(
  stream: CodexStream,
  name: string,
  follow: (freeze: boolean) => Followed<State>,
  freeze = false,
): { readonly followed: Followed<State>; readonly release: () => void } {
  const states = statesOf(stream) as Map<string, Shared<State>>;
  const key = keyOf(name, freeze);
  const shared = states.get(key) ?? {
    followed: follow(freeze),
    readers: 0,
    lingering: Subscription.EMPTY,
  };
  const { followed } = shared;
  states.set(key, shared);
  shared.readers++;
  shared.lingering.unsubscribe();

  function stop(): void {
    followed.lifetime.unsubscribe();
    shared.lingering.unsubscribe();
    states.delete(key);
  }

  return {
    followed,
    release() {
      if (--shared.readers > 0) return;
      shared.lingering = timer(linger).subscribe(stop);
      shared.lingering.add(followed.changed$.subscribe({ complete: stop }));
    },
  };
}

/** The state as its readers see it. */
export function liveState<State>(
  stream: CodexStream,
  name: string,
  options: StateOptions,
  follow: (freeze: boolean) => Followed<State>,
): LiveState<State> {
  mustBeKnown('', options, ['every', 'freeze']);
  const { every = 'event', freeze = false } = options;
  const state$ = new Observable<State>((subscriber) => {
    const { followed, release } = retain(stream, name, follow, freeze);
    subscriber.add(release);
    const { changed$ } = followed;
    const read = () => followed.read();
    const isKnown = (state: State | null): state is State => state !== null;
    const first$ = merge(of(null), changed$).pipe(map(read), filter(isKnown), take(1));
    merge(sampled(changed$, every, read), first$)
      .pipe(distinctUntilChanged())
      .subscribe(subscriber);
  });
  return Object.assign(state$, {
    refresh() {
      const { followed, readers = 0 } = statesOf(stream).get(keyOf(name, freeze)) ?? {};
      if (readers > 0) followed?.refresh();
      return readers > 0;
    },
  });
}
