import { DestroyRef, inject, Injectable, signal } from '@angular/core';

/** The time, once a second: for ages that grow while nothing arrives. */
@Injectable({ providedIn: 'root' })
export class Now {
  readonly ms = signal(Date.now());

  constructor() {
    const timer = setInterval(() => this.ms.set(Date.now()), 1_000);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }
}
