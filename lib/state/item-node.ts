import type { Loose } from '../envelope/index.js';
import { stringOf } from './loose.js';
import { change, createNode, type ItemNode, type TurnNode } from './nodes.js';
import { createText, type Text } from './text.js';

export const createItemNode = (id: string, turn: TurnNode, heardAt: number): ItemNode => ({
  ...createNode(id, turn, heardAt),
  facts: { id, state: 'running', incomplete: false, revision: 0 },
  kind: null,
  item: null,
  texts: [],
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
  const { facts } = node;
  if (completes ? isCompleted(node) : node.item) return false;
  node.item = item;
  node.kind = stringOf(item['type']) ?? node.kind;
  if (completes) {
    facts.state = 'completed';
    facts.incomplete = false;
  }
  const isReasoning = node.kind === 'reasoning';
  const text: unknown = item['text'] ?? item['aggregatedOutput'];
  const texts = partsOf(isReasoning ? item['summary'] : text === '' ? [] : text);
  // No output is no correction: a command that was declined, or ran unseen, has none.
  if (completes ? isReasoning || texts.length > 0 : node.texts.length === 0) {
    replace(node, 'texts', texts);
    if (isReasoning && completes) replace(node, 'content', partsOf(item['content']));
  }
  change(node);
  return true;
}

export const isCompleted = ({ facts }: ItemNode): boolean => facts.state === 'completed';

/** The text of an index; those before it are made too. */
export function textAt(texts: Text[], index: number): Text {
  while (texts.length <= index) texts.push(createText(''));
  return texts[index] as Text;
}

/** Begins a new revision, unless all that was shown stays. */
function replace(node: ItemNode, name: 'texts' | 'content', parts: readonly string[]): void {
  const shown = node[name].map((text) => text.slice(0));
  if (!joined(parts).startsWith(joined(shown))) node.facts.revision++;
  node[name] = parts.map(createText);
}

/** The text of parts: an empty line is between them. */
export const joined = (parts: readonly string[]): string => parts.join('\n\n');

const partsOf = (parts: unknown): readonly string[] => [parts ?? []].flat().map(String);
