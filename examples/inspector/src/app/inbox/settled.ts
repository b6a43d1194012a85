import { DestroyRef, inject, Injectable, signal } from '@angular/core';
import type { Settlement } from 'codex-rx';
import { injectCodex } from 'codex-rx/angular';

/** How long a request stays on the screen after its end, in ms. */
const shownFor = 5_000;

/** The requests that have just ended: a card does not vanish under a pointer without a word. */
@Injectable()
export class JustSettled {
  readonly all = signal<readonly Settlement[]>([]);

  constructor() {
    const settled = injectCodex().requests.settled$.subscribe((settlement) => {
      this.all.update((all) => [...all.slice(-19), settlement]);
      setTimeout(() => this.all.update((all) => all.filter((one) => one !== settlement)), shownFor);
    });
    inject(DestroyRef).onDestroy(() => settled.unsubscribe());
  }
}
