import { Injectable, signal } from '@angular/core';

/** How much time is on screen at most, in ms. */
const longest = 24 * 3_600_000;

/** What of the time is on screen, and which event is looked at: shared by the lanes and the table. */
@Injectable({ providedIn: 'root' })
export class View {
  /** The thread that is shown. */
  readonly threadId = signal<string | null>(null);
  /** How much time is on screen, in ms. */
  readonly span = signal(60_000);
  /** The end of the window; `null`: it follows what comes. */
  readonly end = signal<number | null>(null);
  /** The number of the event that is looked at. */
  readonly cursor = signal<number | null>(null);
  readonly isPaused = signal(false);
  /** The number of the first event that came after the view was paused. */
  readonly pausedAt = signal(0);

  /** Shows no more time than there is. */
  fitSpan(length: number): void {
    this.span.set(Math.min(60_000, Math.max(500, length)));
  }

  zoom(factor: number): void {
    this.span.update((span) => Math.min(Math.max(span * factor, 500), longest));
  }

  pan(share: number, now: number): void {
    const end = (this.end() ?? now) + this.span() * share;
    this.end.set(end >= now ? null : end);
  }

  follow(): void {
    this.end.set(null);
  }

  /** Shows all from one time to another. */
  fit(from: number, to: number, now: number): void {
    this.span.set(Math.min(Math.max((to - from) * 1.05, 500), longest));
    this.end.set(to + this.span() * 0.02 >= now ? null : to + this.span() * 0.02);
  }

  /** Moves the window, if a time is not in it. */
  reveal(at: number, now: number): void {
    const end = this.end() ?? now;
    if (at >= end - this.span() && at <= end) return;
    const next = at + this.span() / 2;
    this.end.set(next >= now ? null : next);
  }

  /** For events that are numbered anew. */
  reset(): void {
    this.end.set(null);
    this.cursor.set(null);
    this.isPaused.set(false);
    this.pausedAt.set(0);
  }
}
