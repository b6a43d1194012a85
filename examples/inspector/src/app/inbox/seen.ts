import { DestroyRef, Directive, ElementRef, inject, output } from '@angular/core';

/** For how long something has to be on the screen to count as seen, in ms. */
const longEnough = 400;

/** Says once that its element was on the screen. */
@Directive({ selector: '[seen]' })
export class Seen {
  readonly seen = output();

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    let timer = 0;
    const observer = new IntersectionObserver((entries) => {
      clearTimeout(timer);
      if (!entries.at(-1)?.isIntersecting) return;
      timer = setTimeout(() => {
        observer.disconnect();
        this.seen.emit();
      }, longEnough);
    });
    observer.observe(host);
    inject(DestroyRef).onDestroy(() => {
      clearTimeout(timer);
      observer.disconnect();
    });
  }
}
