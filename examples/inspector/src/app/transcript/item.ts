import { ChangeDetectionStrategy, Component, computed, input, signal } from '@angular/core';
import type { ItemView } from 'codex-rx';
import { duration } from '../time';
import { visible } from '../visible';
import { Diff } from './diff';
import { Markdown } from './markdown';
import { Output } from './output';

/** One item of a turn. */
@Component({
  selector: 'inspector-item',
  imports: [Diff, Markdown, Output],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '[class]': 'item().kind' },
  template: `
    @let it = item();
    @switch (it.kind) {
      @case ('userMessage') {
        @for (part of it.content; track $index) {
          <p class="said">{{ part.type === 'text' ? text(part.text) : '[' + part.type + ']' }}</p>
        }
      }
      @case ('agentMessage') {
        <div class="markdown" [markdown]="it"></div>
      }
      @case ('plan') {
        <div class="markdown" [markdown]="it"></div>
      }
      @case ('reasoning') {
        <details>
          <summary class="quiet">Reasoning</summary>
          <div class="markdown" [markdown]="it"></div>
        </details>
      }
      @case ('commandExecution') {
        <p class="command">
          <code>{{ text(it.command) }}</code>
          <span class="quiet" [class.error]="it.exitCode !== null && it.exitCode !== 0">{{
            result()
          }}</span>
        </p>
        @if (it.length > 0) {
          <pre
            class="output"
            tabindex="0"
            aria-label="Output"
            [class.folded]="!isOpen()"
            [output]="it"
          ></pre>
          <button type="button" class="small" (click)="isOpen.set(!isOpen())">
            {{ isOpen() ? 'Fold' : 'Show all' }}
          </button>
        }
      }
      @case ('fileChange') {
        @for (change of it.changes; track change.path) {
          <inspector-diff [change]="change" />
        }
      }
      @case ('placeholder') {
        <p class="quiet">Its beginning was not heard.</p>
      }
      @case ('other') {
        <p class="quiet">{{ text(it.item.type) }}</p>
      }
      @default {
        <p class="command">
          <code>{{ tool() }}</code> <span class="quiet">{{ it.progress ?? it.state }}</span>
        </p>
      }
    }
    @if (it.incomplete && it.kind !== 'placeholder') {
      <p class="warn">Something of this was not heard.</p>
    }
    @if (it.state === 'abandoned') {
      <p class="warn">Its turn ended before it did.</p>
    }
  `,
})
export class Item {
  readonly item = input.required<ItemView>();
  readonly isOpen = signal(false);
  readonly text = visible;

  readonly result = computed(() => {
    const item = this.item();
    if (item.kind !== 'commandExecution') return '';
    const took = item.durationMs === null ? '' : ` in ${(item.durationMs / 1_000).toFixed(1)} s`;
    return item.exitCode === null ? item.outcome : `exit ${item.exitCode}${took}`;
  });
  readonly tool = computed(() => {
    const item = this.item();
    const { tool, server } = Object('item' in item ? item.item : null) as {
      tool?: string;
      server?: string;
    };
    return visible([server, tool].filter(Boolean).join(' ') || item.kind);
  });
  readonly duration = duration;
}
