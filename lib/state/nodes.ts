import type { Loose } from '../envelope/index.js';
import type { Text } from './text.js';
import type { ItemView, ThreadView, TurnView } from './thread-view.js';

/** What is built of events: mutable and private. Threads have turns, and turns have items. */
export interface Node {
  readonly parent: Node | null;
  /** The count of the event that named it first; 0 if a snapshot did. */
  readonly heardAt: number;
  /** What its view says beside its nodes. */
  readonly facts: object;
  /** Its place among the views of its parent. */
  index: number;
  /** A turn that may never come to be, or is gone: it is none unless something names it. */
  isHidden: boolean;
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
  readonly facts: Mutable<ThreadView>;
  /** When some of them changed last, in events heard. */
  readonly factsAt: Record<string, number>;
  /** Events heard so far. */
  count: number;
  /** The count at the last gap. */
  gapAt: number;
  /** The count at the first gap whose events no snapshot has brought; `null`: nothing is missing. */
  lostAt: number | null;
  /** Its turns, and those that may never come to be. */
  readonly turnById: Map<string, TurnNode>;
  readonly items: Map<string, ItemNode>;
}

export interface TurnNode extends Node {
  readonly parent: ThreadNode;
  nodes: ItemNode[];
  readonly facts: Mutable<TurnView>;
  /** Whether the end was an event: what a snapshot says may be corrected by it. */
  endedByEvent: boolean;
}

export interface ItemNode extends Node {
  readonly parent: TurnNode;
  view: ItemView | null;
  readonly facts: Mutable<Pick<ItemView, 'id' | 'state' | 'incomplete' | 'revision'>>;
  kind: string | null;
  /** The item of the protocol, as it came last; `null` as long as only later events have named it. */
  item: Loose | null;
  text: Text;
  /** The parts of reasoning, which has no other text. */
  summary: Text[];
  content: Text[];
  progress: string | null;
}

export const createNode = <Parent extends Node | null, Facts>(
  parent: Parent,
  heardAt: number,
  facts: Facts,
) => ({
  parent,
  heardAt,
  facts,
  index: 0,
  isHidden: false,
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

export function set<Changed extends Node>(node: Changed, facts: Partial<Changed['facts']>): void {
  Object.assign(node.facts, facts);
  change(node);
}

/** Sets the nodes of a node, or those of them that are hidden. */
export function setNodes<Parent extends Node>(node: Parent, nodes: Parent['nodes']): void {
  node.nodes = nodes;
  node.views = [];
  node.dirty = nodes.filter(({ isHidden }) => !isHidden);
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
      if (!child.isHidden) {
        views[child.index] = child.view ??= freeze(toView(child as Child, freeze));
      }
    }
    node.dirty = [];
    node.views = freeze(views);
  }
  return node.views as readonly View[];
}
