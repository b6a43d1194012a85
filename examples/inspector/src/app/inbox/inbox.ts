import { ChangeDetectionStrategy, Component, computed, effect, inject, input } from '@angular/core';
import { Title } from '@angular/platform-browser';
import type { Settlement } from 'codex-rx';
import { injectRequests, injectThreads } from 'codex-rx/angular';
import { visible } from '../visible';
import { Card } from './card';
import { JustSettled } from './settled';

const outcomes: Readonly<Record<Settlement['outcome'], string>> = {
  answered: 'answered here',
  'answered-elsewhere': 'answered elsewhere',
  expired: 'given up',
  lost: 'gone: whether an answer counted is not known',
  failed: 'failed',
};

/** What waits for a human, the oldest first. */
@Component({
  selector: 'inspector-inbox',
  imports: [Card],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <h2>Inbox ({{ requests().length }})</h2>
    @if (canNotify) {
      <button type="button" class="small" (click)="askToNotify()">Notify me</button>
    }
    <p class="visually-hidden" role="status">{{ announced() }}</p>
    @for (card of requests(); track card.key) {
      <inspector-card
        [card]="card"
        [threadName]="nameOf(card.threadId)"
        [isReadOnly]="isReadOnly()"
      />
    } @empty {
      <p class="quiet">Nothing waits.</p>
    }
    @for (one of settled.all(); track one.request.key) {
      <p class="settled quiet">
        {{ nameOf(one.request.threadId) }}: {{ one.request.kind }} {{ outcomes[one.outcome] }}
      </p>
    }
  `,
})
export class Inbox {
  readonly isReadOnly = input(false);
  readonly requests = injectRequests();
  readonly settled = inject(JustSettled);
  readonly outcomes = outcomes;
  readonly canNotify = typeof Notification === 'function' && Notification.permission === 'default';
  readonly #threads = injectThreads();
  readonly #names = computed(
    () => new Map(this.#threads()?.map(({ id, title }) => [id, title ?? id])),
  );
  readonly announced = computed(() => {
    const last = this.requests().at(-1);
    return last ? `${this.nameOf(last.threadId)} waits: ${last.kind}` : '';
  });

  constructor() {
    const title = inject(Title);
    let before = 0;
    effect(() => {
      const count = this.requests().length;
      title.setTitle(count > 0 ? `(${count}) codex-rx inspector` : 'codex-rx inspector');
      const isNew = count > before;
      before = count;
      if (
        isNew &&
        document.hidden &&
        typeof Notification === 'function' &&
        Notification.permission === 'granted'
      ) {
        new Notification('An agent waits for you', { body: this.announced(), tag: 'codex-rx' });
      }
    });
  }

  nameOf(threadId: string | null): string {
    return visible((threadId && this.#names().get(threadId)) || threadId || 'no thread').slice(
      0,
      60,
    );
  }

  askToNotify(): void {
    void Notification.requestPermission();
  }
}
