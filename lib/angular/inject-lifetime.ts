import { DestroyRef, inject } from '@angular/core';
import { Subscription } from 'rxjs';

/** A subscription that ends with the injection context. */
export function injectLifetime(): Subscription {
  const lifetime = new Subscription();
  inject(DestroyRef).onDestroy(() => {
    lifetime.unsubscribe();
  });
  return lifetime;
}
