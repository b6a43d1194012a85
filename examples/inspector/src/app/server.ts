import { computed, DestroyRef, inject, Injectable, signal } from '@angular/core';
import { Address } from './address';

/** What the server of the inspector says, besides events. */
export interface Inspected {
  readonly drift: string;
  readonly handlerErrors: { readonly count: number; readonly messages: readonly string[] };
  /** Of a recording. Times are in ms since it began. */
  readonly playback: {
    readonly run: number;
    readonly hasBegun: boolean;
    readonly position: number;
    readonly first: number;
    readonly last: number;
    readonly startedAt: number;
    readonly speed: number;
    readonly isPlaying: boolean;
  } | null;
}

export interface PlaybackOrder {
  readonly begin?: number;
  readonly isPlaying?: boolean;
  readonly speed?: number;
  readonly position?: number;
}

/** How often it is asked, in ms: where a recording plays, and where agents work. */
const [often, seldom] = [250, 2_000];

/** Asks the server what the stream does not say, and controls a recording. */
@Injectable({ providedIn: 'root' })
export class Server {
  readonly #token = inject(Address).token;
  readonly #answer = signal<Inspected | null>(null);
  #readAt = 0;
  #timer = 0;
  #isOver = false;

  /** Whether it has answered once, or could not. */
  readonly isKnown = signal(false);
  readonly playback = computed(() => this.#answer()?.playback ?? null);
  readonly drift = computed(() => this.#answer()?.drift ?? '');
  readonly handlerErrors = computed(
    () => this.#answer()?.handlerErrors ?? { count: 0, messages: [] },
  );

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.#isOver = true;
      clearTimeout(this.#timer);
    });
    void this.#ask('inspector');
  }

  /** The time of what is shown: that of the recording, or that of the reader. */
  now(): number {
    const playback = this.playback();
    if (!playback) return Date.now();
    const { startedAt, position, last, isPlaying, speed } = playback;
    const since = isPlaying ? (performance.now() - this.#readAt) * speed : 0;
    return startedAt + Math.min(position + since, last);
  }

  order(order: PlaybackOrder): Promise<void> {
    return this.#ask('inspector/playback', order);
  }

  async #ask(path: string, body?: PlaybackOrder): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const reply = await fetch(`api/${path}`, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(this.#token !== null && { authorization: `Bearer ${this.#token}` }),
        },
      });
      // While a recording goes back there is nobody.
      if (reply.ok) {
        this.#readAt = performance.now();
        this.#answer.set((await reply.json()) as Inspected);
      }
    } catch {
      // It is asked again.
    }
    this.isKnown.set(true);
    clearTimeout(this.#timer);
    const isFast = this.playback() !== null;
    if (!this.#isOver) {
      this.#timer = setTimeout(() => void this.#ask('inspector'), isFast ? often : seldom);
    }
  }
}
