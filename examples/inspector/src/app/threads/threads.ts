import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  linkedSignal,
  signal,
  untracked,
} from '@angular/core';
import { injectRequests, injectThreads } from 'codex-rx/angular';
import { View } from '../lanes/view';
import { Now } from '../now';
import { duration } from '../time';
import { visible } from '../visible';
import { agentsOf, isWithin, rowsOf, type Agent, type Need, type Row } from './rows';
import { injectTree } from './tree';

const signs: Readonly<Record<Need, string>> = {
  waiting: '◆',
  quiet: '!',
  failed: '✗',
  running: '▶',
  idle: '✓',
};

const words: Readonly<Record<Need, string>> = {
  waiting: 'waits',
  quiet: 'quiet',
  failed: 'failed',
  running: 'running',
  idle: 'idle',
};

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
    <h2>Threads ({{ rows().length }})</h2>
    @if (rows().length > 0) {
      <ul
        role="tree"
        aria-label="Threads"
        tabindex="0"
        (keydown)="move($event)"
        [attr.aria-activedescendant]="'thread-' + view.threadId()"
      >
        @for (row of rows(); track row.agent.id) {
          <li
            role="treeitem"
            [id]="'thread-' + row.agent.id"
            [class]="row.agent.need"
            [style.padding-left.px]="6 + 16 * row.depth"
            [attr.aria-level]="row.depth + 1"
            [attr.aria-expanded]="
              row.agent.children.length > 0 ? !closed().has(row.agent.id) : null
            "
            [attr.aria-selected]="row.agent.id === view.threadId()"
            (click)="view.threadId.set(row.agent.id)"
          >
            @if (row.agent.children.length > 0) {
              <span class="twisty" aria-hidden="true" (click)="turn(row.agent.id, $event)">{{
                closed().has(row.agent.id) ? '▸' : '▾'
              }}</span>
            }
            <span class="sign" aria-hidden="true">{{ signs[row.agent.need] }}</span>
            <span class="title">{{ text(row.agent.title).slice(0, 80) }}</span>
            <span class="quiet state">{{ stateOf(row.agent) }}</span>
          </li>
        }
      </ul>
    } @else {
      <p class="quiet">No thread yet.</p>
    }
  `,
})
export class Threads {
  readonly view = inject(View);
  readonly #now = inject(Now);
  readonly #all = injectThreads();
  readonly #requests = injectRequests();
  readonly isHeld = signal(false);
  readonly closed = signal<ReadonlySet<string>>(new Set());
  readonly signs = signs;
  readonly text = visible;

  /** The thread whose sub-agents are shown: that which is looked at, or the one that began it. */
  readonly #rootId = signal<string | null>(null);
  readonly #tree = injectTree(this.#rootId);

  /** In the order of need; while it is held, in the order that was shown. */
  readonly #agents = linkedSignal<{ agents: readonly Agent[]; isHeld: boolean }, readonly Agent[]>({
    source: () => ({
      agents: agentsOf(this.#all() ?? [], this.#tree(), this.#requests(), this.#now.ms()),
      isHeld: this.isHeld(),
    }),
    computation({ agents, isHeld }, before) {
      if (!isHeld || !before) return agents;
      const places = new Map(before.value.map(({ id }, index) => [id, index]));
      const placeOf = ({ id }: Agent) => places.get(id) ?? Infinity;
      return [...agents].sort((a, b) => placeOf(a) - placeOf(b));
    },
  });
  readonly rows = computed(() => rowsOf(this.#agents(), this.closed()));
  readonly first = computed(() => this.#all()?.[0]?.id ?? null);

  constructor() {
    effect(() => {
      const id = this.view.threadId();
      const tree = untracked(this.#tree);
      if (id === null || (tree && isWithin(id, tree))) return;
      // The summaries of an app-server name the parents.
      const parents = new Map(untracked(this.#all)?.map((one) => [one.id, one.parentId]));
      let root = id;
      for (let i = 0; i < 100; i++) root = parents.get(root) ?? root;
      this.#rootId.set(root);
    });
  }

  stateOf({ need, since }: Agent): string {
    return words[need] + (since === null ? '' : ` ${duration(this.#now.ms() - since)}`);
  }

  turn(id: string, event?: Event): void {
    event?.stopPropagation();
    this.closed.update((closed) => {
      const next = new Set(closed);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }

  move(event: KeyboardEvent): void {
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.step(1),
      ArrowUp: () => this.step(-1),
      Home: () => this.step(-Infinity),
      End: () => this.step(Infinity),
      ArrowRight: () => this.#open(),
      ArrowLeft: () => this.#close(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  step(step: number): void {
    const rows = this.rows();
    const at = rows.findIndex(({ agent }) => agent.id === this.view.threadId());
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (!next) return;
    this.view.threadId.set(next.agent.id);
    document.getElementById(`thread-${next.agent.id}`)?.scrollIntoView({ block: 'nearest' });
  }

  /** Shows the sub-agents, or goes to the first of them. */
  #open(): void {
    const agent = this.#row()?.agent;
    if (!agent || agent.children.length === 0) return;
    if (this.closed().has(agent.id)) this.turn(agent.id);
    else this.step(1);
  }

  /** Hides the sub-agents, or goes to the agent above. */
  #close(): void {
    const row = this.#row();
    if (!row) return;
    const isOpen = row.agent.children.length > 0 && !this.closed().has(row.agent.id);
    if (isOpen) this.turn(row.agent.id);
    else if (row.parentId !== null) this.view.threadId.set(row.parentId);
  }

  #row(): Row | undefined {
    return this.rows().find(({ agent }) => agent.id === this.view.threadId());
  }
}
