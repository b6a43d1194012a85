import * as smd from 'streaming-markdown';
import { visible } from '../visible';

/** The elements that a token makes. Anything else is a `span`: no image, which would fetch what an agent names. */
const elements = new Map<smd.Token, string>([
  [smd.PARAGRAPH, 'p'],
  [smd.LINE_BREAK, 'br'],
  [smd.HEADING_1, 'h3'],
  [smd.HEADING_2, 'h3'],
  [smd.HEADING_3, 'h3'],
  [smd.HEADING_4, 'h3'],
  [smd.HEADING_5, 'h3'],
  [smd.HEADING_6, 'h3'],
  [smd.ITALIC_AST, 'em'],
  [smd.ITALIC_UND, 'em'],
  [smd.STRONG_AST, 'strong'],
  [smd.STRONG_UND, 'strong'],
  [smd.STRIKE, 's'],
  [smd.CODE_INLINE, 'code'],
  [smd.CODE_BLOCK, 'pre'],
  [smd.CODE_FENCE, 'pre'],
  [smd.BLOCKQUOTE, 'blockquote'],
  [smd.LIST_UNORDERED, 'ul'],
  [smd.LIST_ORDERED, 'ol'],
  [smd.LIST_ITEM, 'li'],
  [smd.RULE, 'hr'],
  [smd.TABLE, 'table'],
  [smd.TABLE_ROW, 'tr'],
  [smd.TABLE_CELL, 'td'],
  [smd.LINK, 'a'],
]);

const safeUrl = /^(?:https?:\/\/|mailto:)/i;

/** Makes elements by name and text by text nodes: nothing of it is parsed as HTML. */
export function safeRenderer(host: HTMLElement): smd.Renderer<HTMLElement[]> {
  const { ownerDocument } = host;
  return {
    data: [host],
    add_token(open, token) {
      if (token === smd.DOCUMENT) return;
      const element = ownerDocument.createElement(elements.get(token) ?? 'span');
      // A long line of it scrolls, by the keyboard too.
      if (element.localName === 'pre') element.tabIndex = 0;
      open.at(-1)?.append(element);
      open.push(element);
    },
    end_token(open) {
      if (open.length > 1) open.pop();
    },
    add_text(open, text) {
      open.at(-1)?.append(visible(text));
    },
    set_attr(open, attr, value) {
      const element = open.at(-1);
      if (!element) return;
      if (attr === smd.HREF && element.localName === 'a' && safeUrl.test(value)) {
        element.setAttribute('href', value);
        element.setAttribute('rel', 'noreferrer noopener');
        element.setAttribute('target', '_blank');
      } else if (attr === smd.SRC || attr === smd.HREF) element.append(` (${visible(value)}) `);
      else if (attr === smd.START) element.setAttribute('start', value);
    },
  };
}
