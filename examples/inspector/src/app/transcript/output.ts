import { Directive, effect, ElementRef, inject, input, SecurityContext } from '@angular/core';
import { DomSanitizer } from '@angular/platform-browser';
import { AnsiUp } from 'ansi_up';
import { textSince, type ItemView } from 'codex-rx';

/** How much of an output is shown, in characters: its beginning is left out. */
const longest = 200_000;

/** The output of a command, with its colours, appended as it grows. */
@Directive({ selector: '[output]' })
export class Output {
  readonly item = input.required<ItemView>({ alias: 'output' });

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    const sanitizer = inject(DomSanitizer);
    let colours = new AnsiUp();
    let revision: number | null = null;
    let shown = 0;
    effect(() => {
      const item = this.item();
      if (item.revision !== revision) {
        host.replaceChildren();
        colours = new AnsiUp();
        colours.use_classes = true;
        revision = item.revision;
        shown = Math.max(0, item.length - longest);
        if (shown > 0) host.append(`… ${shown} characters before\n`);
      }
      const text = textSince(item, shown);
      shown += text.length;
      // It escapes what it is given; Angular looks again, and drops the styles of 256 colours.
      const html = sanitizer.sanitize(SecurityContext.HTML, colours.ansi_to_html(text));
      host.insertAdjacentHTML('beforeend', html ?? '');
    });
  }
}
