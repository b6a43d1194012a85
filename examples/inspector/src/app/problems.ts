import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { EventLog } from './event-log';
import { Server } from './server';
import { visible } from './visible';

interface Problem {
  readonly name: string;
  readonly meaning: string;
  readonly count: number;
  readonly lines: readonly string[];
}

/** What went wrong around the events: counts that always stand there, and what is behind them. */
@Component({
  selector: 'inspector-problems',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(keydown.escape)': 'isOpen.set(false)' },
  template: `
    <button
      type="button"
      aria-controls="problems"
      [attr.aria-expanded]="isOpen()"
      (click)="isOpen.set(!isOpen())"
    >
      @for (problem of problems(); track problem.name) {
        <span [class]="problem.count > 0 ? 'error' : 'quiet'">{{ counted(problem) }}</span>&ngsp;
      }
    </button>
    <p class="visually-hidden" role="status">{{ announced() }}</p>
    <div id="problems" class="overlay" [hidden]="!isOpen()">
      @for (problem of problems(); track problem.name) {
        <h3>{{ counted(problem) }}</h3>
        <p class="quiet">{{ problem.meaning }}</p>
        @for (line of problem.lines; track $index) {
          <p class="line">{{ text(line) }}</p>
        }
      }
    </div>
  `,
})
export class Problems {
  readonly #log = inject(EventLog);
  readonly #server = inject(Server);
  readonly isOpen = signal(false);
  readonly text = visible;

  counted({ count, name }: Problem): string {
    const isOne = count === 1 || name === 'malformed' || name === 'drift';
    return `${count.toLocaleString('en')} ${name}${isOne ? '' : 's'}`;
  }

  readonly problems = computed((): readonly Problem[] => {
    const { count, messages } = this.#server.handlerErrors();
    const drift = this.#server.drift().split(', ').filter(Boolean);
    const own = this.#log.failures();
    return [
      {
        name: 'gap',
        meaning: 'Times for which nothing was heard.',
        count: this.#log.gapCount(),
        lines: this.#log.gaps(),
      },
      {
        name: 'malformed',
        meaning: 'Frames that could not be read.',
        count: this.#log.malformed(),
        lines: [],
      },
      {
        name: 'drift',
        meaning: 'What the server said that this version of the protocol does not list.',
        count: drift.length,
        lines: drift,
      },
      {
        name: 'handler error',
        meaning: 'Handlers that failed, in the program and in this page.',
        count: count + own.length,
        lines: [...messages, ...own],
      },
    ];
  });
  readonly announced = computed(() => {
    const last = this.#log.gaps().at(-1);
    return last ? `Events were missed: ${last}` : '';
  });
}
