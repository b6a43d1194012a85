import { ChangeDetectionStrategy, Component, computed, signal } from '@angular/core';
import {
  injectRequests,
  injectSend,
  injectStatus,
  injectThread,
  injectThreads,
} from 'codex-rx/angular';
import { Approval } from './approval';
import { Item } from './item';

const texts = {
  idle: 'not connected',
  connecting: 'connecting …',
  open: 'live',
  waiting: 'connection lost, trying again …',
  closed: 'closed',
};

@Component({
  selector: 'app-chat',
  imports: [Approval, Item],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <header>
      <h1>{{ thread.value()?.name ?? 'Codex' }}</h1>
      <span class="status" [class]="status().state" role="status">{{ statusText() }}</span>
    </header>
    @if (gaps().length > 0) {
      <p class="gap" role="status">
        @for (gap of gaps(); track $index) {
          <span>
            {{ seconds(gap.duration) }} s were missed{{ gap.recovered ? ', and read again' : '' }}.
          </span>
        }
      </p>
    }
    <main>
      @for (turn of thread.value()?.turns; track turn.id) {
        <section>
          @for (item of turn.items; track item.id) {
            <app-item [item]="item" />
          }
          @if (turn.error) {
            <p class="note">{{ turn.error.message }}</p>
          }
        </section>
      } @empty {
        <p class="note">{{ thread.isLoading() ? 'Loading …' : 'Say something to begin.' }}</p>
      }
    </main>
    @for (request of requests(); track request.key) {
      <app-approval [request]="request" />
    }
    <form (submit)="send($event, box)">
      <input #box name="text" autocomplete="off" aria-label="Message" placeholder="Ask Codex" />
      @if (isBusy()) {
        <button type="button" (click)="sender.interrupt()">Stop</button>
      } @else {
        <button type="submit" [disabled]="id() === null">Send</button>
      }
      <span class="turn">{{ sender.status() }}</span>
    </form>
  `,
})
export class Chat {
  readonly threads = injectThreads();
  readonly chosen = signal<string | null>(null);
  /** The thread that was chosen, or else the one that needs somebody most. */
  readonly id = computed(() => this.chosen() ?? this.threads()?.[0]?.id ?? null);
  readonly status = injectStatus();
  readonly thread = injectThread(this.id);
  readonly requests = injectRequests({ threadId: this.id });
  readonly sender = injectSend(this.id, { whenBusy: 'queue' });

  readonly statusText = computed(() => texts[this.status().state]);
  readonly gaps = computed(() => this.thread.value()?.gaps ?? []);
  readonly isBusy = computed(() =>
    ['queued', 'running', 'waiting', 'stalled'].includes(this.sender.status()),
  );

  send(event: Event, box: HTMLInputElement): void {
    event.preventDefault();
    if (box.value.trim() === '') return;
    // What the server lists may change its order: this stays the thread of the page.
    this.chosen.set(this.id());
    this.sender.send(box.value);
    box.value = '';
  }

  seconds(duration: number | null): string {
    return ((duration ?? 0) / 1_000).toFixed(1);
  }
}
