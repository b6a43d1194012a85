import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { RequestCard } from 'codex-rx/angular';

/** Something that the agent asks, with the answers that it takes. */
@Component({
  selector: 'app-approval',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let asks = request();
    @if (asks.kind === 'commandExecution' || asks.kind === 'fileChange') {
      <h2>
        {{ asks.kind === 'fileChange' ? 'May it change files?' : 'May it run this command?' }}
      </h2>
      @if (asks.kind === 'commandExecution') {
        <pre>{{ asks.command }}</pre>
      } @else {
        @for (path of asks.paths; track path) {
          <pre>{{ path }}</pre>
        }
      }
      @if (asks.reason) {
        <p>{{ asks.reason }}</p>
      }
      <div class="buttons">
        <button
          type="button"
          class="decline"
          (click)="asks.decline()"
          [disabled]="asks.state !== 'open'"
        >
          Decline
        </button>
        <button
          type="button"
          class="accept"
          (click)="asks.accept()"
          [disabled]="asks.state !== 'open'"
        >
          Accept
        </button>
      </div>
    } @else {
      <h2>The agent waits: {{ asks.method }}</h2>
    }
  `,
})
export class Approval {
  readonly request = input.required<RequestCard>();
}
