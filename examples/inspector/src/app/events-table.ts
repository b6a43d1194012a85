import { CdkVirtualScrollViewport, ScrollingModule } from '@angular/cdk/scrolling';
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  viewChild,
} from '@angular/core';
import { EventLog, type Logged } from './event-log';
import { testOf } from './filter';
import { View } from './lanes/view';
import { Server } from './server';
import { clock } from './time';
import { visible } from './visible';

/** The events of the lanes as text: one tab stop, arrows move, Enter opens the envelope. */
@Component({
  selector: 'inspector-events',
  imports: [ScrollingModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <p class="quiet count">{{ counted() }}</p>
    <cdk-virtual-scroll-viewport
      itemSize="24"
      role="grid"
      tabindex="0"
      aria-label="Events"
      [attr.aria-rowcount]="events().length"
      [attr.aria-activedescendant]="active()"
      (keydown)="move($event)"
    >
      <div
        *cdkVirtualFor="let logged of events(); trackBy: numberOf; let index = index"
        role="row"
        class="event"
        [id]="'event-' + logged.number"
        [attr.aria-rowindex]="index + 1"
        [attr.aria-selected]="logged.number === view.cursor()"
        [class.chosen]="logged.number === view.cursor()"
        (click)="view.cursor.set(logged.number)"
      >
        <span role="gridcell" class="quiet">{{ time(logged.at) }}</span>
        <span role="gridcell">{{ text(logged.event.type) }}</span>
        <span role="gridcell" class="quiet">{{ text(logged.event.threadId ?? '') }}</span>
      </div>
    </cdk-virtual-scroll-viewport>
  `,
})
export class EventsTable {
  readonly filter = input('');
  readonly log = inject(EventLog);
  readonly #server = inject(Server);
  readonly view = inject(View);
  protected readonly viewport = viewChild.required(CdkVirtualScrollViewport);
  readonly time = clock;
  readonly text = visible;

  readonly #test = computed(() => testOf(this.filter()));
  readonly events = computed((): readonly Logged[] => {
    this.log.revision();
    const test = this.#test();
    const thread = this.view.threadId();
    const last = this.view.isPaused() ? this.view.pausedAt() : Infinity;
    return this.log.events.filter(
      ({ number, event }) =>
        number < last && (thread === null || event.threadId === thread) && test(event),
    );
  });
  readonly counted = computed(() => {
    const number = (count: number) => count.toLocaleString('en');
    const { count, max, forgotten } = (this.log.revision(), this.log);
    const kept = `${number(this.events().length)} of ${number(count)} events; at most ${number(max)} are kept`;
    return forgotten > 0 ? `${kept}, the first ${number(forgotten)} are forgotten` : kept;
  });
  readonly active = computed(() => {
    const cursor = this.view.cursor();
    return cursor === null ? null : `event-${cursor}`;
  });

  numberOf(_index: number, { number }: Logged): number {
    return number;
  }

  move(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 20,
      PageUp: -20,
    };
    const step =
      event.key === 'Home' ? -Infinity : event.key === 'End' ? Infinity : steps[event.key];
    if (event.key === 'Enter')
      document.querySelector<HTMLElement>('inspector-envelope pre')?.focus();
    if (step === undefined) return;
    event.preventDefault();
    this.step(step);
  }

  /** Moves the cursor, and the lanes with it. */
  step(step: number): void {
    const events = this.events();
    const cursor = this.view.cursor();
    const at = events.findIndex(({ number }) => number === cursor);
    const next = Math.min(Math.max((at < 0 ? events.length : at) + step, 0), events.length - 1);
    const chosen = events[next];
    if (!chosen) return;
    this.view.cursor.set(chosen.number);
    this.view.reveal(chosen.at, this.#server.now());
    this.viewport().scrollToIndex(Math.max(0, next - 3));
  }
}
