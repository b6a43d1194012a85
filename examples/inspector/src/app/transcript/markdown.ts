import { Directive, effect, ElementRef, inject, input } from '@angular/core';
import { textSince, type ItemView } from 'codex-rx';
import * as smd from 'streaming-markdown';
import { safeRenderer } from './safe-renderer';

/** Renders the text of an item as markdown, and only ever appends while the text grows. */
@Directive({ selector: '[markdown]' })
export class Markdown {
  readonly item = input.required<ItemView>({ alias: 'markdown' });

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    let parser: smd.Parser | null = null;
    let revision: number | null = null;
    let shown = 0;
    effect(() => {
      const item = this.item();
      if (item.revision !== revision || parser === null) {
        host.replaceChildren();
        parser = smd.parser(safeRenderer(host));
        [revision, shown] = [item.revision, 0];
      }
      const text = textSince(item, shown);
      shown += text.length;
      smd.parser_write(parser, text);
      if (item.state !== 'running') smd.parser_end(parser);
    });
  }
}
