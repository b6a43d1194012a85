import { DestroyRef, inject, Injectable, signal } from '@angular/core';
import type { Envelope } from 'codex-rx';
import { injectCodex, injectEnvelopes } from 'codex-rx/angular';
import { Address } from './address';
import { Marks } from './lanes/marks';
import { Server } from './server';
import { clock, length } from './time';

/** An event as it came. */
export interface Logged {
  /** Its number: they never come again. */
  readonly number: number;
  /** When it came here, or was recorded: milliseconds since the epoch. */
  readonly at: number;
  readonly event: Envelope;
}

/** How many threads have lanes. */
const maxThreads = 500;

/** The last events of the stream. Written as they come; read once a frame, by `revision`. */
@Injectable()
export class EventLog {
  readonly #events: Logged[] = [];
  readonly #marks = new Map<string, Marks>();
  #count = 0;
  #frame = 0;

  /** Grows with the frames in which events came. */
  readonly revision = signal(0);
  readonly malformed = signal(0);
  readonly failures = signal<readonly string[]>([]);
  /** What was missed, the last 100 times, and how often. */
  readonly gaps = signal<readonly string[]>([]);
  readonly gapCount = signal(0);
  readonly #server = inject(Server);
  /** How many events are kept. */
  readonly max = inject(Address).maxEvents;

  constructor() {
    const stream = injectCodex();
    const life = inject(DestroyRef);
    const all = injectEnvelopes().subscribe((event) => this.#add(event));
    const malformed = stream.malformed$.subscribe(() =>
      this.malformed.update((count) => count + 1),
    );
    const errors = stream.router.errors$.subscribe(({ message }) =>
      this.failures.update((known) => [...known.slice(-99), message]),
    );
    const gaps = stream.gaps$.subscribe(({ since, duration }) => {
      const to = Date.now();
      this.gapCount.update((count) => count + 1);
      this.gaps.update((known) => [
        ...known.slice(-99),
        `${length(duration)} from ${clock(since ?? to - duration)} on`,
      ]);
      for (const marks of this.#marks.values()) {
        marks.gaps.push({ from: since ?? to - duration, to });
        marks.gaps.splice(0, marks.gaps.length - 100);
      }
      this.#changed();
    });
    for (const one of [all, malformed, errors, gaps]) life.onDestroy(() => one.unsubscribe());
  }

  /** How many events came. */
  get count(): number {
    return this.#count;
  }

  /** How many of them are forgotten. */
  get forgotten(): number {
    return this.#count - this.#events.length;
  }

  get events(): readonly Logged[] {
    return this.#events;
  }

  at(number: number): Logged | undefined {
    return this.#events[number - (this.#events[0]?.number ?? 0)];
  }

  marksOf(threadId: string | null): Marks | undefined {
    return this.#marks.get(threadId ?? '');
  }

  #add(event: Envelope): void {
    const { recordedAt } = event as { readonly recordedAt?: unknown };
    const isRecorded = this.#server.playback() !== null && typeof recordedAt === 'number';
    const [number, at] = [this.#count++, isRecorded ? recordedAt : Date.now()];
    this.#events.push({ number, at, event });
    const thread = event.threadId ?? '';
    let marks = this.#marks.get(thread);
    if (!marks) {
      if (this.#marks.size >= maxThreads) this.#marks.delete(this.#marks.keys().next().value ?? '');
      this.#marks.set(thread, (marks = new Marks()));
    }
    marks.add(event, number, at);
    // Some at once, so that the rest is not moved for each.
    if (this.#events.length > this.max * 1.1) this.#forget();
    this.#changed();
  }

  #forget(): void {
    this.#events.splice(0, this.#events.length - this.max);
    const first = this.#events[0]?.number ?? 0;
    for (const marks of this.#marks.values()) marks.forget(first);
  }

  #changed(): void {
    // A timer behind the frame, since a hidden page has none.
    if (this.#frame !== 0) return;
    const show = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      this.#frame = 0;
      this.revision.update((revision) => revision + 1);
    };
    const frame = requestAnimationFrame(show);
    const timer = setTimeout(show, 250);
    this.#frame = frame;
  }
}
