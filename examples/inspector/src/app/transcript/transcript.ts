import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  linkedSignal,
  signal,
} from '@angular/core';
import type { GapRecord, TurnView } from 'codex-rx';
import { injectThread } from 'codex-rx/angular';
import { length } from '../time';
import { visible } from '../visible';
import { Item } from './item';

/** What was said and done in a thread. It follows the end only while the reader is at the end. */
@Component({
  selector: 'inspector-transcript',
  imports: [Item],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(scroll)': 'scrolled()', tabindex: '0', role: 'region', 'aria-label': 'Transcript' },
  template: `
    <h2 class="visually-hidden">Transcript</h2>
    @if (thread.error()) {
      <p class="error">{{ text(thread.error()?.message ?? '') }}</p>
    }
    @if (hidden() > 0) {
      <button type="button" class="small" (click)="most.set(most() + 500)">
        Show earlier: {{ hidden() }} items
      </button>
    }
    @for (turn of shown(); track turn.id) {
      <section>
        @for (item of turn.items; track item.id) {
          <inspector-item [item]="item" />
        }
        @if (turn.plan) {
          <ol class="plan">
            @for (step of turn.plan.steps; track $index) {
              <li [class]="step.status">{{ text(step.step) }}</li>
            }
          </ol>
        }
        @if (turn.error) {
          <p class="error">{{ text(turn.error.message) }}</p>
        }
        @for (gap of gapsOf(turn.id); track $index) {
          <p class="warn">{{ missed(gap) }}</p>
        }
        @if (turn.status !== 'inProgress') {
          <p class="quiet end">{{ turn.status }}</p>
        }
      </section>
    } @empty {
      <p class="quiet">{{ thread.isLoading() ? 'Loading …' : 'Nothing was said yet.' }}</p>
    }
    @for (gap of gapsOf(null); track $index) {
      <p class="warn">{{ missed(gap) }}</p>
    }
    @if (!isAtEnd()) {
      <button type="button" class="below" (click)="toEnd()">
        {{ below() > 0 ? below() + ' new below' : 'To the end' }}
      </button>
    }
  `,
})
export class Transcript {
  readonly threadId = input<string | null>(null);
  readonly thread = injectThread(this.threadId);
  readonly isAtEnd = signal(true);
  /** How many items are shown. */
  readonly most = linkedSignal({ source: this.threadId, computation: () => 500 });
  readonly #count = computed(() => countItems(this.thread.value()?.turns ?? []));
  readonly shown = computed(() => lastItems(this.thread.value()?.turns ?? [], this.most()));
  readonly hidden = computed(() => Math.max(0, this.#count() - this.most()));
  /** How many items there were when the reader left the end. */
  readonly #left = signal(0);
  readonly below = computed(() => this.#count() - this.#left());
  readonly text = visible;
  readonly #host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;

  constructor() {
    afterRenderEffect({
      write: () => {
        this.thread.value();
        if (this.isAtEnd()) this.#host.scrollTop = this.#host.scrollHeight;
      },
    });
  }

  /** The gaps that began in a turn; `null`: in none that is shown. */
  gapsOf(turnId: string | null): readonly GapRecord[] {
    const shown = this.shown();
    const gaps = this.thread.value()?.gaps ?? [];
    return gaps.filter((gap) => (shown.find(({ id }) => id === gap.turnId)?.id ?? null) === turnId);
  }

  missed({ duration, recovered }: GapRecord): string {
    return `${length(duration ?? 0)} were missed${recovered ? ', and read again' : ''}.`;
  }

  scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#host;
    const isAtEnd = scrollTop + clientHeight > scrollHeight - 24;
    if (this.isAtEnd() && !isAtEnd) this.#left.set(this.#count());
    this.isAtEnd.set(isAtEnd);
  }

  toEnd(): void {
    this.isAtEnd.set(true);
    this.#host.scrollTop = this.#host.scrollHeight;
  }
}

const countItems = (turns: readonly TurnView[]): number =>
  turns.reduce((count, { items }) => count + items.length, 0);

/** The last turns, with so many items in all. */
function lastItems(turns: readonly TurnView[], most: number): readonly TurnView[] {
  const shown: TurnView[] = [];
  let left = most;
  for (let i = turns.length - 1; i >= 0 && left > 0; i--) {
    const turn = turns[i] as TurnView;
    shown.unshift(turn.items.length > left ? { ...turn, items: turn.items.slice(-left) } : turn);
    left -= turn.items.length;
  }
  return shown;
}
