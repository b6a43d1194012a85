import type { Loose } from '../envelope/index.js';
import { stringOf } from './loose.js';
import { change, createNode, type ItemNode, type TurnNode } from './nodes.js';
import { createText, type Text } from './text.js';

export const createItemNode = (id: string, turn: TurnNode, heardAt: number): ItemNode => ({
  ...createNode(id, turn, heardAt),
  kind: null,
  item: null,
  state: 'running',
  texts: [],
  content: [],
  revision: 0,
  incomplete: false,
  progress: null,
});

/** Kinds that are over with their turn: what the model says. */
export const isSpoken = ({ kind }: { readonly kind: string | null }): boolean =>
  kind === 'agentMessage' || kind === 'reasoning' || kind === 'plan';

/** Takes the item of a start: of its text it knows no more than the deltas. */
export function startItem(node: ItemNode, item: Loose): void {
  setItem(node, item);
  if (node.texts.length === 0) node.texts = textsOf(node).map(createText);
  change(node);
}

/** Takes the item of a completion: its text is authoritative. */
export function completeItem(node: ItemNode, item: Loose): void {
  setItem(node, item);
  node.state = 'completed';
  node.incomplete = false;
  const texts = textsOf(node);
  // No output is no correction: a command that was declined, or ran unseen, has none.
  if (texts.length > 0 || node.kind === 'reasoning') {
    replace(node, 'texts', texts);
    replace(node, 'content', partsOf(item['content']));
  }
  change(node);
}

function setItem(node: ItemNode, item: Loose): void {
  node.item = item;
  node.kind = stringOf(item['type']) ?? node.kind;
}

/** The text of an index; those before it are made too. */
export function textAt(texts: Text[], index: number): Text {
  while (texts.length <= index) texts.push(createText());
  return texts[index] as Text;
}

/** Appends what is new, if all that was shown stays; or begins a new revision. */
function replace(node: ItemNode, name: 'texts' | 'content', parts: readonly string[]): void {
  const texts = node[name];
  const last = texts.length - 1;
  const stays = texts.every((text, index) => {
    const part = parts[index];
    return part?.startsWith(text.slice(0)) && (index === last || part.length === text.length);
  });
  if (stays) {
    parts.forEach((part, index) => {
      const text = textAt(texts, index);
      text.append(part.slice(text.length));
    });
  } else {
    node.revision++;
    node[name] = parts.map(createText);
  }
}

function textsOf({ kind, item }: ItemNode): readonly string[] {
  if (kind === 'reasoning') return partsOf(item?.['summary']);
  const text = stringOf(item?.['text']) ?? stringOf(item?.['aggregatedOutput']);
  return text ? [text] : [];
}

const partsOf = (parts: unknown): readonly string[] =>
  Array.isArray(parts) ? parts.map(String) : [];
