import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DOCUMENT,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { injectStatus } from 'codex-rx/angular';
import { Address } from './address';
import { Composer } from './composer';
import { EnvelopeView } from './envelope';
import { EventLog } from './event-log';
import { EventsTable } from './events-table';
import { recordingOf } from './export';
import { Inbox } from './inbox/inbox';
import { Lanes } from './lanes/lanes';
import { View } from './lanes/view';
import { Problems } from './problems';
import { Server } from './server';
import { Threads } from './threads/threads';
import { Transcript } from './transcript/transcript';

const states = {
  idle: 'not connected',
  connecting: 'connecting …',
  open: 'live',
  waiting: 'lost, trying again …',
  closed: 'closed',
};

const keys = [
  ['i', 'the inbox'],
  ['j k', 'the next thread, the one before'],
  ['a d', 'accept, decline: the card that has the focus'],
  ['p', 'pause the view; the stream goes on'],
  ['f', 'filter'],
  ['← →', 'the event before, the next one'],
  ['+ − 0', 'zoom; all of the thread'],
  ['l', 'follow what comes'],
  ['e', 'export a recording'],
  ['?', 'this help'],
];

@Component({
  selector: 'inspector-session',
  imports: [Composer, EnvelopeView, EventsTable, Inbox, Lanes, Problems, Threads, Transcript],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(document:keydown)': 'press($event)' },
  template: `
    <header class="top">
      <h1>codex-rx inspector</h1>
      <span role="status" [class]="status().state">{{ stateText() }}</span>
      <inspector-problems />
      <span class="space"></span>
      <input
        #filter
        type="search"
        aria-label="Filter events"
        placeholder="item/* thread:…"
        (input)="filtered.set(filter.value)"
      />
      <button type="button" class="pause" [attr.aria-pressed]="view.isPaused()" (click)="pause()">
        {{ view.isPaused() ? 'Go on, ' + behind() + ' behind' : 'Pause' }}
      </button>
      <button type="button" (click)="save()">Export</button>
      <button type="button" (click)="turnScheme()" [attr.aria-label]="'Colours: ' + scheme()">
        ◐
      </button>
      <button
        type="button"
        (click)="isHelping.set(!isHelping())"
        [attr.aria-expanded]="isHelping()"
      >
        Keys
      </button>
      @if (isHelping()) {
        <dl class="help overlay">
          @for (key of keys; track key[0]) {
            <dt>{{ key[0] }}</dt>
            <dd>{{ key[1] }}</dd>
          }
        </dl>
      }
    </header>
    <aside aria-label="What needs you">
      <inspector-inbox [isReadOnly]="isReadOnly" />
      <inspector-threads />
    </aside>
    <main>
      <inspector-lanes />
      <inspector-transcript [threadId]="view.threadId()" />
      @if (!isReadOnly) {
        <inspector-composer [threadId]="view.threadId()" />
      }
    </main>
    <section class="details" aria-label="Events">
      <inspector-events [filter]="filtered()" />
      <inspector-envelope />
    </section>
  `,
})
export class Session {
  readonly view = inject(View);
  readonly log = inject(EventLog);
  readonly status = injectStatus();
  readonly filtered = signal('');
  readonly isHelping = signal(false);
  readonly scheme = signal<'system' | 'light' | 'dark'>('system');
  readonly keys = keys;
  readonly isReadOnly = inject(Address).isReadOnly;
  readonly #server = inject(Server);
  readonly #document = inject(DOCUMENT);
  protected readonly list = viewChild.required(Threads);
  protected readonly lanes = viewChild.required(Lanes);
  protected readonly table = viewChild.required(EventsTable);

  readonly stateText = computed(() => {
    const status = this.status();
    const isDown = 'upstream' in status && status.upstream === 'down';
    return isDown ? 'live, codex down' : states[status.state];
  });
  readonly behind = computed(() => (this.log.revision(), this.log.count - this.view.pausedAt()));

  constructor() {
    // At first, the thread that needs somebody most.
    effect(() => {
      const first = this.list().first();
      if (this.view.threadId() === null && first !== null) this.view.threadId.set(first);
    });
    // Now the events of a recording may come.
    effect(() => {
      const isLive = this.status().state === 'open';
      const { run, hasBegun } = untracked(this.#server.playback) ?? {};
      if (isLive && run !== undefined && !hasBegun) void this.#server.order({ begin: run });
    });
    effect(() => {
      const scheme = this.scheme();
      this.#document.documentElement.style.colorScheme = scheme === 'system' ? '' : scheme;
    });
  }

  pause(): void {
    this.view.pausedAt.set(this.log.count);
    this.view.isPaused.update((isPaused) => !isPaused);
    this.view.end.set(this.view.isPaused() ? this.#server.now() : null);
  }

  turnScheme(): void {
    const next = { system: 'light', light: 'dark', dark: 'system' } as const;
    this.scheme.update((scheme) => next[scheme]);
  }

  save(): void {
    const link = this.#document.createElement('a');
    link.href = URL.createObjectURL(recordingOf(this.log.events));
    link.download = 'session.jsonl';
    link.click();
    URL.revokeObjectURL(link.href);
  }

  press(event: KeyboardEvent): void {
    const { target, key } = event;
    const isSlider = target instanceof HTMLInputElement && target.type === 'range';
    const isTyping = isSlider
      ? key.startsWith('Arrow')
      : target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    if (event.defaultPrevented || isTyping || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const focus = (selector: string) =>
      this.#document.querySelector<HTMLElement>(selector)?.focus();
    const actions: Readonly<Record<string, () => void>> = {
      i: () => focus('inspector-card'),
      j: () => this.list().step(1),
      k: () => this.list().step(-1),
      p: () => this.pause(),
      f: () => focus('input[type=search]'),
      '+': () => this.view.zoom(0.5),
      '-': () => this.view.zoom(2),
      '0': () => this.lanes().fit(),
      l: () => this.view.follow(),
      ArrowLeft: () => this.table().step(-1),
      ArrowRight: () => this.table().step(1),
      e: () => this.save(),
      '?': () => this.isHelping.update((isHelping) => !isHelping),
    };
    const action = actions[key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}
