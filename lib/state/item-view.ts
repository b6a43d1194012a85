import { joined, textsOf } from './item-node.js';
import { numberOf, stringOf } from './loose.js';
import type { ItemNode } from './nodes.js';
import { createText, type Text } from './text.js';
import type { ItemView } from './thread-view.js';

/** What `textSince` reads with: the text without joining all of it. A weak map is dear to collect. */
const reader = /* @__PURE__ */ Symbol('reader');

type Read = (start: number) => string;

/**
 * The text of an item behind its first `length` characters. A renderer appends it as long as the
 * `revision` stays the same, and begins anew when it changes.
 */
export const textSince = (item: ItemView, length: number): string =>
  length >= item.length
    ? ''
    : ((item as { readonly [reader]?: Read })[reader]?.(Math.max(0, length)) ??
      item.text.slice(length));

/** How a member of a view is made of the member of the item that has its name. */
type Member = (value: unknown, node: ItemNode) => unknown;

const wordOf: Member = (value) => stringOf(value) ?? '';
const listOf: Member = (value) => value ?? [];
const itemOf: Member = (_, { item }) => item;
const outcomeOf: Member = (_, { item }) => stringOf(item?.['status']) ?? 'inProgress';
const tool = { item: itemOf, progress: (_: unknown, { progress }: ItemNode) => progress };

/** The members that each kind has. */
const kinds: Readonly<Record<string, Readonly<Record<string, Member>>>> = {
  placeholder: { itemKind: (_, { kind }) => kind },
  other: { item: itemOf },
  agentMessage: { phase: stringOf },
  plan: {},
  reasoning: {},
  commandExecution: {
    command: wordOf,
    cwd: wordOf,
    exitCode: numberOf,
    durationMs: numberOf,
    outcome: outcomeOf,
    processId: stringOf,
  },
  fileChange: { changes: listOf, outcome: outcomeOf },
  userMessage: { content: listOf, clientId: stringOf },
  mcpToolCall: tool,
  dynamicToolCall: tool,
  collabAgentToolCall: tool,
  subAgentActivity: tool,
};

/** The view of an item as it is now: later changes of the node leave it alone. */
export function toItemView(node: ItemNode): ItemView {
  const { item, facts } = node;
  const known = Object.hasOwn(kinds, node.kind ?? '') ? node.kind : 'other';
  const kind = item ? (known as string) : 'placeholder';
  const [part, ...more] = node.kind === 'reasoning' ? node.summary : [node.text];
  // Of one text only what is asked for is read.
  const text = part && more.length === 0 ? part : createText(joined(textsOf(node.summary)));
  const { length } = text;
  const read = (start: number) => text.slice(start, length);
  let whole: string | undefined;
  const view: Record<string, unknown> = {
    ...facts,
    kind,
    get text() {
      return (whole ??= read(0));
    },
    length,
  };
  for (const [name, valueOf] of Object.entries<Member>({ ...times, ...kinds[kind] })) {
    view[name] = valueOf(item?.[name], node);
  }
  if (kind === 'reasoning') {
    addParts(view, 'summary', node.summary);
    addParts(view, 'content', node.content);
  }
  return Object.defineProperty(view, reader, { value: read }) as unknown as ItemView;
}

/** The parts of reasoning as they are now, which are read when somebody asks for them. */
function addParts(view: object, name: string, parts: readonly Text[]): void {
  const lengths = parts.map(({ length }) => length);
  let texts: readonly string[] | undefined;
  Object.defineProperty(view, name, {
    enumerable: true,
    get: () => (texts ??= lengths.map((length, at) => (parts[at] as Text).slice(0, length))),
  });
}

const times = { startedAtMs: numberOf, completedAtMs: numberOf };
