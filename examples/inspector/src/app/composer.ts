import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { injectSend } from 'codex-rx/angular';

/** Sends to the thread that is shown, and interrupts its turn. */
@Component({
  selector: 'inspector-composer',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <form (submit)="send($event, box)">
      <input
        #box
        name="text"
        autocomplete="off"
        aria-label="Message to the agent"
        placeholder="Say something to this agent"
      />
      <button type="submit" [disabled]="threadId() === null">Send</button>
      <button type="button" (click)="sender.interrupt()" [disabled]="!isBusy()">Interrupt</button>
      <span class="quiet" role="status">{{
        sender.status() === 'idle' ? '' : sender.status()
      }}</span>
    </form>
  `,
})
export class Composer {
  readonly threadId = input<string | null>(null);
  readonly sender = injectSend(this.threadId, { whenBusy: 'queue' });
  readonly isBusy = computed(() =>
    ['queued', 'running', 'waiting', 'stalled'].includes(this.sender.status()),
  );

  send(event: Event, box: HTMLInputElement): void {
    event.preventDefault();
    if (box.value.trim() === '' || this.threadId() === null) return;
    this.sender.send(box.value);
    box.value = '';
  }
}
