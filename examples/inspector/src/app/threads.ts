import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  linkedSignal,
  signal,
} from '@angular/core';
import type { ThreadSummary } from 'codex-rx';
import { injectThreads } from 'codex-rx/angular';
import { View } from './lanes/view';
import { Now } from './now';
import { duration } from './time';
import { visible } from './visible';

/** A turn without a sign of life for so long is shown as quiet, in ms. */
const quietAfter = 30_000;

const signs = { waiting: '◆', failed: '✗', running: '▶', idle: '✓' } as const;

/** The agents, those first that need somebody. Nothing moves while the pointer or the focus is here. */
@Component({
  selector: 'inspector-threads',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '(pointerenter)': 'isHeld.set(true)',
    '(pointerleave)': 'isHeld.set(false)',
    '(focusin)': 'isHeld.set(true)',
    '(focusout)': 'isHeld.set(false)',
  },
  template: `
    <h2>Threads ({{ threads().length }})</h2>
    <ul
      role="listbox"
      aria-label="Threads"
      tabindex="0"
      (keydown)="move($event)"
      [attr.aria-activedescendant]="'thread-' + view.threadId()"
    >
      @for (thread of threads(); track thread.id) {
        <li
          role="option"
          [id]="'thread-' + thread.id"
          [class]="thread.need"
          [class.child]="thread.parentId !== null"
          [attr.aria-selected]="thread.id === view.threadId()"
          (click)="view.threadId.set(thread.id)"
        >
          <span class="sign" aria-hidden="true">{{ signs[thread.need] }}</span>
          <span class="title">{{ titleOf(thread) }}</span>
          <span class="quiet">{{ stateOf(thread) }}</span>
        </li>
      } @empty {
        <li role="option" aria-selected="false" class="quiet">No thread yet.</li>
      }
    </ul>
  `,
})
export class Threads {
  readonly view = inject(View);
  readonly #now = inject(Now);
  readonly #all = injectThreads();
  readonly isHeld = signal(false);
  readonly signs = signs;

  /** In the order of need; while it is held, in the order that was shown. */
  readonly threads = linkedSignal<
    { all: readonly ThreadSummary[]; isHeld: boolean },
    readonly ThreadSummary[]
  >({
    source: () => ({ all: this.#all() ?? [], isHeld: this.isHeld() }),
    computation({ all, isHeld }, before) {
      if (!isHeld || !before) return all;
      const places = new Map(before.value.map(({ id }, index) => [id, index]));
      const placeOf = ({ id }: ThreadSummary) => places.get(id) ?? Infinity;
      return [...all].sort((a, b) => placeOf(a) - placeOf(b));
    },
  });

  readonly first = computed(() => this.#all()?.[0]?.id ?? null);

  titleOf({ title, id }: ThreadSummary): string {
    return visible(title ?? id).slice(0, 80);
  }

  stateOf({ need, requests, turn, lastActivityAtMs }: ThreadSummary): string {
    const now = this.#now.ms();
    const since = (at: number | null | undefined) => (at == null ? '' : ` ${duration(now - at)}`);
    if (need === 'waiting') return `waits${since(requests[0]?.openedAt)}`;
    if (need === 'failed') return 'failed';
    if (need === 'idle') return 'idle';
    const quiet = lastActivityAtMs === null ? 0 : now - lastActivityAtMs;
    return quiet > quietAfter ? `quiet ${duration(quiet)} !` : `running${since(turn?.startedAtMs)}`;
  }

  move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.step(step);
  }

  step(step: number): void {
    const threads = this.threads();
    const at = threads.findIndex(({ id }) => id === this.view.threadId());
    const next = threads[Math.min(Math.max(at + step, 0), threads.length - 1)];
    if (next) this.view.threadId.set(next.id);
  }
}
