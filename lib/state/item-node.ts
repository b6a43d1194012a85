import type { Loose } from '../envelope/index.js';
import { stringOf } from './loose.js';
import { change, createNode, type ItemNode, type TurnNode } from './nodes.js';
import { createText, type Text } from './text.js';

export const createItemNode = (id: string, turn: TurnNode, heardAt: number): ItemNode => ({
  ...createNode<TurnNode, ItemNode['facts']>(turn, heardAt, {
    id,
    state: 'running',
    incomplete: false,
    revision: 0,
  }),
  kind: null,
  item: null,
  text: createText(''),
  summary: [],
  content: [],
  progress: null,
});

/** Kinds that are over with their turn: what the model says. */
export const isSpoken = ({ kind }: { readonly kind: string | null }): boolean =>
  kind === 'agentMessage' || kind === 'reasoning' || kind === 'plan';

/**
 * Takes an item as an event or a snapshot brings it: whether it says anything new. A start is of no
 * use once the item is known, and of its text it knows no more than the deltas; the text of the first
 * completion is authoritative.
 */
export function takeItem(node: ItemNode, item: Loose, completes: boolean): boolean {
  if (completes ? isCompleted(node) : node.item) return false;
  node.item = item;
  node.kind = stringOf(item['type']) ?? node.kind;
  if (completes) Object.assign(node.facts, { state: 'completed', incomplete: false });
  if (node.kind === 'reasoning') {
    for (const name of ['summary', 'content'] as const) {
      const parts = [item[name] ?? []].flat().map(String);
      if (isNews(node, completes, joined(textsOf(node[name])), joined(parts)))
        node[name] = parts.map(createText);
    }
  } else {
    // No output is no correction: a command that was declined, or ran unseen, has none.
    const text = [item['text'], item['aggregatedOutput']].map(stringOf).find(Boolean);
    if (text && isNews(node, completes, node.text.slice(0), text)) node.text = createText(text);
  }
  change(node);
  return true;
}

export const isCompleted = ({ facts }: ItemNode): boolean => facts.state === 'completed';

/** Begins a new revision, unless all that was shown stays. */
function isNews(node: ItemNode, completes: boolean, shown: string, text: string): boolean {
  if (shown && !completes) return false;
  if (!text.startsWith(shown)) node.facts.revision++;
  return true;
}

/** The text of parts: an empty line is between them. */
export const joined = (parts: readonly string[]): string => parts.join('\n\n');

/** What the parts of reasoning say. */
export const textsOf = (parts: readonly Text[]): readonly string[] =>
  parts.map((part) => part.slice(0));

/** How many parts reasoning may have. */
const maxParts = 10_000;

/** Appends to a part of reasoning; those before it are made too. */
export function appendPart(
  node: ItemNode,
  name: 'summary' | 'content',
  index: unknown,
  piece: string,
): void {
  const place = Number.isInteger(index) ? Math.min(Math.max(index as number, 0), maxParts) : 0;
  const parts = node[name];
  // What is put before the end changes what was shown.
  if (piece && name === 'summary' && place < parts.length - 1) node.facts.revision++;
  while (parts.length <= place) parts.push(createText(''));
  (parts[place] as Text).append(piece);
}
