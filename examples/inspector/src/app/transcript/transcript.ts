import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  signal,
} from '@angular/core';
import { injectThread } from 'codex-rx/angular';
import { duration } from '../time';
import { visible } from '../visible';
import { Item } from './item';

/** What was said and done in a thread. It follows the end only while the reader is at the end. */
@Component({
  selector: 'inspector-transcript',
  imports: [Item],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(scroll)': 'scrolled()', tabindex: '0', role: 'region', 'aria-label': 'Transcript' },
  template: `
    @if (thread.error()) {
      <p class="error">{{ text(thread.error()?.message ?? '') }}</p>
    }
    @for (gap of gaps(); track $index) {
      <p class="warn">
        {{ time(gap.duration ?? 0) }} were missed{{ gap.recovered ? ', and read again' : '' }}.
      </p>
    }
    @for (turn of thread.value()?.turns; track turn.id) {
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
        <p class="quiet end">{{ turn.status }}</p>
      </section>
    } @empty {
      <p class="quiet">{{ thread.isLoading() ? 'Loading …' : 'Nothing was said yet.' }}</p>
    }
    @if (!isAtEnd()) {
      <button type="button" class="below" (click)="toEnd()">To the end</button>
    }
  `,
})
export class Transcript {
  readonly threadId = input<string | null>(null);
  readonly thread = injectThread(this.threadId);
  readonly isAtEnd = signal(true);
  readonly gaps = computed(() => this.thread.value()?.gaps ?? []);
  readonly text = visible;
  readonly time = duration;
  readonly #host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;

  constructor() {
    afterRenderEffect({
      write: () => {
        this.thread.value();
        if (this.isAtEnd()) this.#host.scrollTop = this.#host.scrollHeight;
      },
    });
  }

  scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#host;
    this.isAtEnd.set(scrollTop + clientHeight > scrollHeight - 24);
  }

  toEnd(): void {
    this.isAtEnd.set(true);
    this.#host.scrollTop = this.#host.scrollHeight;
  }
}
