import { ChangeDetectionStrategy, Component, computed, signal } from '@angular/core';
import {
  injectRequests,
  injectSend,
  injectStatus,
  injectThread,
  injectThreads,
} from 'codex-rx/angular';
import type { GapRecord } from 'codex-rx';
import { Approval } from './approval';
import { Item } from './item';

const connections = {
  idle: 'not connected',
  connecting: 'connecting …',
  open: 'live',
  waiting: 'connection lost, trying again …',
  closed: 'closed',
};

const activities = {
  idle: '',
  queued: 'The message waits to be sent.',
  running: 'Codex is at work …',
  waiting: 'Codex waits for your answer.',
  stalled: 'Nothing was heard of Codex for a while.',
  completed: 'Codex is done.',
  interrupted: 'Codex was stopped.',
  failed: 'The turn has failed.',
  incomplete: 'How the turn ended is not known.',
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
    <main>
      <div class="transcript">
        @for (turn of thread.value()?.turns; track turn.id) {
          <section>
            @for (item of turn.items; track item.id) {
              <app-item [item]="item" />
            }
            @for (gap of gapsOf(turn.id); track $index) {
              <p class="gap" role="status">
                {{ seconds(gap.duration) }} s were missed here{{
                  gap.recovered ? ', and read again' : ''
                }}.
              </p>
            }
            @if (turn.error) {
              <p class="note">{{ turn.error.message }}</p>
            }
          </section>
        } @empty {
          <p class="note">{{ thread.isLoading() ? 'Loading …' : 'Say something to begin.' }}</p>
        }
      </div>
    </main>
    <div class="requests" aria-live="polite">
      @for (request of requests(); track request.key) {
        <app-approval [request]="request" />
      }
    </div>
    <form (submit)="send($event, box)">
      <input #box name="text" autocomplete="off" aria-label="Message" placeholder="Ask Codex" />
      @if (isBusy()) {
        <button type="button" (click)="sender.interrupt()">Stop</button>
      }
      <button type="submit" class="send" [disabled]="id() === null">Send</button>
    </form>
    <p class="activity" [class]="sender.status()">{{ activity() }}</p>
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

  readonly statusText = computed(() => connections[this.status().state]);
  readonly activity = computed(() => activities[this.sender.status()]);
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

  gapsOf(turnId: string): readonly GapRecord[] {
    return this.thread.value()?.gaps.filter((gap) => gap.turnId === turnId) ?? [];
  }

  seconds(duration: number | null): string {
    return ((duration ?? 0) / 1_000).toFixed(1);
  }
}
