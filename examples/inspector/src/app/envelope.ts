import { Clipboard } from '@angular/cdk/clipboard';
import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { EventLog } from './event-log';
import { View } from './lanes/view';
import { clock } from './time';
import { visible } from './visible';

/** How much of a payload is shown, in characters. */
const longest = 20_000;

/** The event at the cursor: its ids, and its payload. */
@Component({
  selector: 'inspector-envelope',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (logged(); as it) {
      <header>
        <h2>{{ text(it.event.type) }}</h2>
        <button type="button" (click)="copy()">Copy</button>
      </header>
      <dl>
        <dt>came</dt>
        <dd>{{ time(it.at) }}, number {{ it.number }}</dd>
        <dt>thread</dt>
        <dd>{{ text(it.event.threadId ?? 'none') }}</dd>
        <dt>turn</dt>
        <dd>{{ text(it.event.turnId ?? 'none') }}</dd>
        <dt>request</dt>
        <dd>{{ it.event.requestId ?? 'none' }}</dd>
      </dl>
      <pre tabindex="0" aria-label="Payload">{{ payload() }}</pre>
    } @else {
      <p class="quiet">Point at a mark, or choose an event of the table.</p>
    }
  `,
})
export class EnvelopeView {
  readonly #log = inject(EventLog);
  readonly #view = inject(View);
  readonly #clipboard = inject(Clipboard);
  readonly time = clock;
  readonly text = visible;
  readonly logged = computed(() => this.#log.at(this.#view.cursor() ?? -1));
  readonly payload = computed(() => {
    const text = visible(JSON.stringify(this.logged()?.event.payload, null, 2) ?? '');
    const more = text.length - longest;
    return more > 0
      ? `${text.slice(0, longest)}\n… ${more} characters more: copy it to read all`
      : text;
  });

  copy(): void {
    const event = this.logged()?.event;
    if (event) this.#clipboard.copy(JSON.stringify(event, null, 2));
  }
}
