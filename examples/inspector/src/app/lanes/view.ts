import { Injectable, signal } from '@angular/core';

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

  zoom(factor: number): void {
    this.span.update((span) => Math.min(Math.max(span * factor, 500), 6 * 3_600_000));
  }

  pan(share: number, now: number): void {
    const end = (this.end() ?? now) + this.span() * share;
    this.end.set(end >= now ? null : end);
  }

  follow(): void {
    this.end.set(null);
  }
}
