import type { BoundedMap } from '../bounded/index.js';
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
  /** A turn that was open without an item when another one ended. */
  hidden: boolean;
  nodes: Node[];
  /** The views of its nodes that were made last. */
  views: readonly unknown[];
  /** Nodes whose view is out of date; `null` if the list is, and all are looked at. */
  dirty: Node[] | null;
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
  /** Turns that are not over. */
  readonly open: Set<TurnNode>;
  /** When turns began that were announced, and are none yet. */
  readonly phantoms: BoundedMap<string, number | null>;
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
  kind: string | null;
  /** The item of the protocol, as it came last; `null` as long as only later events have named it. */
  item: Loose | null;
  state: ItemView['state'];
  /** Its text; of reasoning one for each summary. */
  texts: Text[];
  /** The raw text of reasoning. */
  content: Text[];
  revision: number;
  incomplete: boolean;
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
  hidden: false,
  nodes: [],
  views: [],
  dirty: null,
  view: null,
});

/** Marks a node, and what it is part of, as out of date. */
export function change(node: Node): void {
  for (let at: Node | null = node; at; at = at.parent) {
    // Without a view it is listed already.
    if (at.view) at.parent?.dirty?.push(at);
    at.view = null;
  }
}

/** The list of nodes has changed. */
export function changeList(node: Node): void {
  node.dirty = null;
  change(node);
}

/** Freezes what is handed out, or does not. */
export type Freeze = <T extends object>(value: T) => T;

/** The views of the nodes of a node: of those that have not changed the ones that were made. */
export function viewsOf<Child extends Node, View extends object>(
  node: Node & { readonly nodes: Child[] },
  freeze: Freeze,
  toView: (child: Child, freeze: Freeze) => View,
): readonly View[] {
  const { dirty } = node;
  const viewOf = (child: Node) => (child.view ??= freeze(toView(child as Child, freeze)));
  let views = node.views;
  if (!dirty) {
    const shown = node.nodes.filter(({ hidden }) => !hidden);
    views = shown.map((child, index) => ((child.index = index), viewOf(child)));
  } else if (dirty.length > 0) {
    const copy = (views = views.slice());
    for (const child of dirty) if (!child.hidden) copy[child.index] = viewOf(child);
  }
  node.dirty = [];
  return (node.views = freeze(views)) as readonly View[];
}
