import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { ItemView } from 'codex-rx';
import { AppendText } from './append-text';

/** One item of a turn: a message, a command with its output, a change of files. */
@Component({
  selector: 'app-item',
  imports: [AppendText],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '[class]': 'item().kind', '[class.incomplete]': 'item().incomplete' },
  template: `
    @let it = item();
    @switch (it.kind) {
      @case ('userMessage') {
        @for (part of it.content; track $index) {
          @if (part.type === 'text') {
            <p class="text">{{ part.text }}</p>
          }
        }
      }
      @case ('commandExecution') {
        <p class="command">
          <code>{{ it.command }}</code>
          @if (it.exitCode !== null) {
            <span class="exit" [class.failed]="it.exitCode !== 0">exit {{ it.exitCode }}</span>
          } @else {
            <span class="exit">{{ outcomes[it.outcome] ?? it.outcome }}</span>
          }
        </p>
        @if (it.length > 0) {
          <pre class="text" [appendText]="it"></pre>
        }
      }
      @case ('fileChange') {
        @for (change of it.changes; track change.path) {
          <p class="command">
            <code>{{ change.path }}</code>
          </p>
        }
      }
      @default {
        <p class="text" [appendText]="it"></p>
      }
    }
    @if (it.incomplete) {
      <p class="note">A part of this was not heard.</p>
    }
  `,
})
export class Item {
  readonly item = input.required<ItemView>();
  readonly outcomes: Readonly<Partial<Record<string, string>>> = {
    inProgress: 'not done yet',
    declined: 'was declined',
  };
}
