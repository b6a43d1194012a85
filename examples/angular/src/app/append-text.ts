import { Directive, effect, ElementRef, inject, input } from '@angular/core';
import { textSince, type ItemView } from 'codex-rx';

/** How long a block may grow, in characters, before the next line begins another one. */
const maxBlock = 4_096;

/**
 * Shows the text of an item, and only ever appends to it while it grows: blocks that are full are
 * never laid out again. For an element whose `white-space` is `pre-wrap`.
 */
@Directive({ selector: '[appendText]' })
export class AppendText {
  readonly item = input.required<ItemView>({ alias: 'appendText' });

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    let shown = 0;
    let revision: number | null = null;
    let last: Text | null = null;

    function append(text: string): void {
      if (last) last.appendData(text);
      else {
        last = host.ownerDocument.createTextNode(text);
        const block = host.ownerDocument.createElement('span');
        block.style.display = 'block';
        block.append(last);
        host.append(block);
      }
    }

    effect(() => {
      const item = this.item();
      if (item.revision !== revision) {
        host.replaceChildren();
        [shown, revision, last] = [0, item.revision, null];
      }
      const text = textSince(item, shown);
      shown += text.length;
      const lineEnd = last && last.length > maxBlock ? text.indexOf('\n') + 1 : 0;
      if (lineEnd > 0) {
        append(text.slice(0, lineEnd));
        last = null;
      }
      if (lineEnd < text.length) append(text.slice(lineEnd));
    });
  }
}
