import { DestroyRef, Directive, ElementRef, inject, input, output } from '@angular/core';

/** Says once that its element was on the screen for so long, in ms. */
@Directive({ selector: '[seenAfter]' })
export class Seen {
  readonly after = input.required<number>({ alias: 'seenAfter' });
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
      }, this.after());
    });
    observer.observe(host);
    inject(DestroyRef).onDestroy(() => {
      clearTimeout(timer);
      observer.disconnect();
    });
  }
}
