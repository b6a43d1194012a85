import { Directive, effect, ElementRef, inject, input } from '@angular/core';
import { textSince, type ItemView } from 'codex-rx';

/** How long a text node may grow: what is laid out already is not laid out again. */
const maxNode = 4_096;

/** Shows the text of an item, and only ever appends to it while it grows. */
@Directive({ selector: '[appendText]' })
export class AppendText {
  readonly item = input.required<ItemView>({ alias: 'appendText' });

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    let shown = 0;
    let revision: number | null = null;
    let node: Text | null = null;
    effect(() => {
      const item = this.item();
      if (item.revision !== revision) {
        host.replaceChildren();
        [shown, revision, node] = [0, item.revision, null];
      }
      const text = textSince(item, shown);
      if (text === '') return;
      shown += text.length;
      if (node === null || node.length > maxNode) host.append((node = new Text(text)));
      else node.appendData(text);
    });
  }
}
