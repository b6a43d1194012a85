import type { ItemNode } from './nodes.js';
import { numberOf, stringOf } from './item-node.js';
import type { Text } from './text.js';
import type { ItemView } from './thread-view.js';

/** What `textSince` reads: the text without joining all of it. */
const readers = /* @__PURE__ */ new WeakMap<ItemView, (start: number) => string>();

/**
 * The text of an item behind its first `length` characters. A renderer appends it as long as the
 * `revision` stays the same, and begins anew when it changes.
 */
export const textSince = (item: ItemView, length: number): string =>
  length >= item.length ? '' : (readers.get(item)?.(length) ?? item.text.slice(length));

/** The view of an item as it is now: later changes of the node leave it alone. */
export function toItemView(node: ItemNode, freeze: boolean): ItemView {
  const { item, texts } = node;
  const kind = node.phase === 'placeholder' ? 'placeholder' : (node.kind ?? 'other');
  const read = reader(texts);
  let text: string | undefined;
  const own = ownMembers(kind, node);
  const view = {
    id: node.id,
    kind: own ? kind : 'other',
    state: node.phase === 'completed' ? 'completed' : node.abandoned ? 'abandoned' : 'running',
    incomplete: node.incomplete,
    get text() {
      return (text ??= read(0));
    },
    revision: node.revision,
    length: read.total,
    startedAtMs: numberOf(item['startedAtMs']),
    completedAtMs: numberOf(item['completedAtMs']),
  };
  // Not a spread: that would read the text.
  const whole = Object.assign(view, own ?? { item }) as unknown as ItemView;
  if (read.total > 0) readers.set(whole, read);
  return freeze ? Object.freeze(whole) : whole;
}

/** Reads texts, joined by an empty line, as long as they are now. */
function reader(texts: readonly Text[]): ((start: number) => string) & { total: number } {
  const parts = texts.map((text) => [text, text.length] as const);
  const total = parts.reduce((sum, [, length]) => sum + length, 2 * Math.max(0, parts.length - 1));
  const read = (start: number) => {
    const [only, length] = parts.length === 1 ? (parts[0] as [Text, number]) : [];
    if (only && length !== undefined) return only.slice(start, length);
    return parts
      .map(([text, length]) => text.slice(0, length))
      .join('\n\n')
      .slice(start);
  };
  return Object.assign(read, { total });
}

/** The members that only this kind has; `null` for a kind without a view of its own. */
function ownMembers(kind: string, node: ItemNode): object | null {
  const { item } = node;
  const outcome = stringOf(item['status']) ?? 'inProgress';
  switch (kind) {
    case 'placeholder':
      return { itemKind: node.kind };
    case 'agentMessage':
      return { phase: stringOf(item['phase']) };
    case 'plan':
      return {};
    case 'reasoning':
      return { summary: whole(node.texts), content: whole(node.content) };
    case 'commandExecution':
      return {
        command: stringOf(item['command']) ?? '',
        cwd: stringOf(item['cwd']) ?? '',
        exitCode: numberOf(item['exitCode']),
        durationMs: numberOf(item['durationMs']),
        outcome,
        processId: stringOf(item['processId']),
      };
    case 'fileChange':
      return { changes: item['changes'] ?? [], outcome };
    case 'userMessage':
      return { content: item['content'] ?? [], clientId: stringOf(item['clientId']) };
    case 'mcpToolCall':
    case 'dynamicToolCall':
    case 'collabAgentToolCall':
    case 'subAgentActivity':
      return { item, progress: node.progress };
    default:
      return null;
  }
}

const whole = (texts: readonly Text[]): readonly string[] =>
  texts.map((text) => text.slice(0, text.length));
