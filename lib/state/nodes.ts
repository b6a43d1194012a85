import type { Loose } from '../envelope/index.js';
import type { Text } from './text.js';
import type { ItemView, ThreadView, TurnView } from './thread-view.js';

/** What is built of events: mutable and private. Threads have turns, and turns have items. */
export interface Node {
  readonly id: string;
  readonly parent: Node | null;
  /** The count of the event that named it first; 0 if a snapshot did. */
  readonly heardAt: number;
  /** Its place among the views of its parent. */
  index: number;
  /** A turn that may never come to be: it is none until an item, its end or a snapshot names it. */
  hidden?: boolean;
  nodes: Node[];
  /** The views of its nodes that were made last. */
  views: readonly unknown[];
  /** Nodes whose view is out of date. */
  dirty: Node[];
  /** The last view made of it; `null` when it has changed since. */
  view: object | null;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

export interface ThreadNode extends Node {
  nodes: TurnNode[];
  view: ThreadView | null;
  /** What its view says beside the turns. */
  readonly facts: Mutable<ThreadView>;
  /** When some of them changed last, in events heard. */
  readonly factsAt: Record<string, number>;
  /** Events heard so far. */
  count: number;
  /** The count at the last gap. */
  gapAt: number;
  readonly turnById: Map<string, TurnNode>;
  readonly items: Map<string, ItemNode>;
  /** Turns that are shown and not over. */
  readonly open: Set<TurnNode>;
}

export interface TurnNode extends Node {
  readonly parent: ThreadNode;
  nodes: ItemNode[];
  /** What its view says beside the items. */
  readonly facts: Mutable<TurnView>;
  /** Whether the end was an event: what a snapshot says may be corrected by it. */
  endedByEvent: boolean;
}

export interface ItemNode extends Node {
  readonly parent: TurnNode;
  view: ItemView | null;
  /** What its view says whatever its kind. */
  readonly facts: Mutable<Pick<ItemView, 'id' | 'state' | 'incomplete' | 'revision'>>;
  kind: string | null;
  /** The item of the protocol, as it came last; `null` as long as only later events have named it. */
  item: Loose | null;
  /** Its text; of reasoning one for each summary. */
  texts: Text[];
  /** The raw text of reasoning. */
  content: Text[];
  progress: string | null;
}

export const createNode = <Parent extends Node | null>(
  id: string,
  parent: Parent,
  heardAt: number,
) => ({
  id,
  parent,
  heardAt,
  index: parent ? parent.nodes.length : 0,
  nodes: [],
  views: [],
  dirty: [],
  view: null,
});

/** Marks a node, and what it is part of, as out of date. */
export function change(node: Node): void {
  for (let at: Node | null = node; at; at = at.parent) {
    // Without a view it is listed already.
    if (at.view) at.parent?.dirty.push(at);
    at.view = null;
  }
}

/** The list of nodes has changed. */
export function changeList(node: Node): void {
  node.views = [];
  node.dirty = node.nodes.filter(({ hidden }) => !hidden);
  node.dirty.forEach((child, index) => (child.index = index));
  change(node);
}

/** Freezes what is handed out, or does not. */
export type Freeze = <T extends object>(value: T) => T;

/** To freeze a large array costs a hundred times its copy. */
export const freezer =
  (isOn: boolean | undefined): Freeze =>
  (value) =>
    isOn && !((value as { readonly length: number }).length > 256) ? Object.freeze(value) : value;

/** The views of the nodes of a node: of those that have not changed the ones that were made. */
export function viewsOf<Child extends Node, View extends object>(
  node: Node & { readonly nodes: Child[] },
  freeze: Freeze,
  toView: (child: Child, freeze: Freeze) => View,
): readonly View[] {
  if (node.dirty.length > 0) {
    const views = node.views.slice();
    for (const child of node.dirty) {
      if (!child.hidden) views[child.index] = child.view ??= freeze(toView(child as Child, freeze));
    }
    node.dirty = [];
    node.views = freeze(views);
  }
  return node.views as readonly View[];
}
