import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  signal,
} from '@angular/core';
import { Title } from '@angular/platform-browser';
import type { Settlement } from 'codex-rx';
import { injectRequests, injectThreads, type RequestCard } from 'codex-rx/angular';
import { visible } from '../visible';
import { showBadge } from './badge';
import { Card } from './card';
import { JustSettled } from './settled';

const outcomes: Readonly<Record<Settlement['outcome'], string>> = {
  answered: 'answered here',
  'answered-elsewhere': 'answered elsewhere',
  expired: 'given up',
  lost: 'gone: whether an answer counted is not known',
  failed: 'failed',
};

/** A request at its place, also for a moment after its end. */
interface Place {
  readonly card: RequestCard;
  readonly outcome: string;
}

/** What waits for a human, the oldest first. What has ended keeps its place while somebody is here. */
@Component({
  selector: 'inspector-inbox',
  imports: [Card],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '(pointerenter)': 'isHeld.set(true)',
    '(pointerleave)': 'isHeld.set(false)',
  },
  template: `
    <header>
      <h2>Inbox ({{ requests().length }})</h2>
      @if (canNotify()) {
        <button type="button" class="small" (click)="askToNotify()">Notify me</button>
      }
    </header>
    <p class="visually-hidden" role="status">{{ announced() }}</p>
    @for (place of places(); track place.card.key) {
      <inspector-card
        [card]="place.card"
        [outcome]="place.outcome"
        [threadName]="nameOf(place.card.threadId)"
        [isReadOnly]="isReadOnly()"
      />
    }
    @if (requests().length === 0) {
      <p class="quiet">Nothing waits.</p>
    }
  `,
})
export class Inbox {
  readonly isReadOnly = input(false);
  readonly requests = injectRequests();
  readonly isHeld = signal(false);
  readonly canNotify = signal(
    typeof Notification === 'function' && Notification.permission === 'default',
  );
  readonly #settled = inject(JustSettled);
  readonly #threads = injectThreads();
  readonly #names = computed(
    () => new Map(this.#threads()?.map(({ id, title }) => [id, title ?? id])),
  );
  readonly places = linkedSignal<
    { requests: readonly RequestCard[]; ended: ReadonlyMap<string, string>; isHeld: boolean },
    readonly Place[]
  >({
    source: () => ({
      requests: this.requests(),
      ended: new Map(
        this.#settled.all().map(({ request, outcome }) => [request.key, outcomes[outcome]]),
      ),
      isHeld: this.isHeld(),
    }),
    computation({ requests, ended, isHeld }, before) {
      const waiting = new Map(requests.map((card) => [card.key, card]));
      const shown = (before?.value ?? []).flatMap(({ card, outcome }): Place[] => {
        const now = waiting.get(card.key);
        if (now) return [{ card: now, outcome: '' }];
        const end = ended.get(card.key);
        return end || isHeld ? [{ card, outcome: end || outcome || 'ended' }] : [];
      });
      const known = new Set(shown.map(({ card }) => card.key));
      const added = requests.filter(({ key }) => !known.has(key));
      return [...shown, ...added.map((card) => ({ card, outcome: '' }))];
    },
  });
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
      showBadge(document, count);
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

  async askToNotify(): Promise<void> {
    this.canNotify.set((await Notification.requestPermission()) === 'default');
  }
}
