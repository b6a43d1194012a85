import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { Now } from './now';
import { Server, type Inspected } from './server';
import { duration } from './time';

const speeds = [0.5, 1, 2, 5, 10, 20, 50, 100];

/** Plays a recording: stops it, goes faster, and to another time. */
@Component({
  selector: 'inspector-player',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'group', 'aria-label': 'Recording' },
  template: `
    <button type="button" class="play" (click)="toggle()">{{ label() }}</button>
    <input
      type="range"
      aria-label="Position"
      [min]="playback().first"
      [max]="playback().last"
      step="any"
      [value]="position()"
      [attr.aria-valuetext]="time(position()) + ' of ' + time(playback().last)"
      (input)="dragged.set($any($event.target).valueAsNumber)"
      (change)="go($any($event.target).valueAsNumber)"
    />
    <span class="at">{{ time(position()) }} / {{ time(playback().last) }}</span>
    <label>
      Speed
      <select (change)="server.order({ speed: +$any($event.target).value })">
        @for (speed of speeds(); track speed) {
          <option [value]="speed" [selected]="speed === playback().speed">{{ speed }}×</option>
        }
      </select>
    </label>
  `,
})
export class Player {
  readonly playback = input.required<NonNullable<Inspected['playback']>>();
  readonly server = inject(Server);
  readonly #now = inject(Now);
  /** Where the slider is held. */
  readonly dragged = signal<number | null>(null);
  readonly time = (at: number) => duration(at - this.playback().first);
  readonly position = computed(() => {
    this.#now.ms();
    return this.dragged() ?? this.server.now() - this.playback().startedAt;
  });
  readonly isAtEnd = computed(() => this.playback().position >= this.playback().last);
  readonly label = computed(() =>
    this.playback().isPlaying ? 'Stop' : this.isAtEnd() ? 'Again' : 'Play',
  );
  readonly speeds = computed(() =>
    [...new Set([...speeds, this.playback().speed])].sort((a, b) => a - b),
  );

  toggle(): void {
    const { isPlaying, first } = this.playback();
    const isOver = this.isAtEnd();
    void this.server.order({
      isPlaying: isOver || !isPlaying,
      ...(isOver && { position: first }),
    });
  }

  async go(position: number): Promise<void> {
    this.dragged.set(position);
    await this.server.order({ position });
    this.dragged.set(null);
  }
}
