import type { Loose } from '../envelope/index.js';
import type { ItemNode, TurnNode } from './nodes.js';
import { createText, type Text } from './text.js';

export const createItemNode = (id: string, turn: TurnNode, heardAt: number): ItemNode => ({
  id,
  turn,
  kind: null,
  phase: 'placeholder',
  item: {},
  texts: [],
  content: [],
  revision: 0,
  incomplete: false,
  abandoned: false,
  progress: null,
  index: turn.nodes.length,
  heardAt,
  view: null,
});

/** Kinds that are over with their turn: what the model says. */
export const isSpoken = (kind: string | null): boolean =>
  kind === 'agentMessage' || kind === 'reasoning' || kind === 'plan';

/** Takes the item of a start: of its text it knows no more than the deltas. */
export function startItem(node: ItemNode, item: Loose): void {
  node.item = item;
  node.kind = stringOf(item['type']) ?? node.kind;
  node.phase = 'started';
  if (node.texts.length === 0) node.texts = textsOf(node.kind, item);
}

/** Takes the item of a completion: its text is authoritative. */
export function completeItem(node: ItemNode, item: Loose): void {
  node.item = item;
  node.kind = stringOf(item['type']) ?? node.kind;
  node.phase = 'completed';
  node.incomplete = node.abandoned = false;
  const texts = textsOf(node.kind, item);
  const content = node.kind === 'reasoning' ? createTexts(item['content']) : [];
  // No output is no correction: a command that was declined, or ran unseen, has none.
  if (texts.length === 0 && node.kind !== 'reasoning') return;
  const keeps = extend(node.texts, texts) && extend(node.content, content);
  if (keeps) return;
  node.revision++;
  node.texts = texts;
  node.content = content;
}

function textsOf(kind: string | null, item: Loose): Text[] {
  if (kind === 'reasoning') return createTexts(item['summary']);
  const whole = stringOf(item['text']) ?? stringOf(item['aggregatedOutput']);
  return whole === null || whole === '' ? [] : [createText(whole)];
}

/** Appends what is new, if all that was shown stays: whether it does. */
function extend(before: Text[], after: readonly Text[]): boolean {
  const isEqualUpTo = (text: Text, index: number) => {
    const whole = after[index];
    const ends = index < before.length - 1 ? text.length === whole?.length : true;
    return (
      whole !== undefined && ends && whole.slice(0, text.length) === text.slice(0, text.length)
    );
  };
  if (!before.every(isEqualUpTo)) return false;
  after.forEach((whole, index) => {
    const text = textAt(before, index);
    text.append(whole.slice(text.length, whole.length));
  });
  return true;
}

/** The text of an index; those before it are made too. */
export function textAt(texts: Text[], index: number): Text {
  while (texts.length <= index) texts.push(createText());
  return texts[index] as Text;
}

const createTexts = (parts: unknown): Text[] =>
  Array.isArray(parts) ? parts.map((part) => createText(String(part))) : [];

export const stringOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : null;

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' ? value : null;
