import type { ItemNode, TurnNode } from './nodes.js';
import { createBoundedMap, type BoundedMap } from '../bounded/index.js';
import type { Loose } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import { childrenOf } from './children-of.js';
import { completeItem, createItemNode, isSpoken, startItem } from './item-node.js';
import type { Anomaly, ChildLink, GapRecord, ThreadView } from './thread-view.js';
import { abandonSpoken, createTurnNode, frozen, isOver, toTurnView } from './turn-node.js';

/** A thread as it is built: mutable and private. */
export interface ThreadNode {
  readonly id: string;
  /** Events heard so far. */
  count: number;
  /** The count at the last gap. */
  gapAt: number;
  /** The facts of the thread, and the counts of the events that changed them last. */
  facts: { status: Incoming.ThreadStatus | null; name: string | null; parentId: string | null };
  readonly factsAt: { status: number; name: number; parentId: number };
  usage: Incoming.ThreadTokenUsage | null;
  turns: TurnNode[];
  readonly turnById: Map<string, TurnNode>;
  readonly items: Map<string, ItemNode>;
  /** Turns that are not over. */
  readonly open: Set<TurnNode>;
  /** When turns began that were announced while another one ran. */
  readonly phantoms: BoundedMap<string, number | null>;
  readonly children: Map<string, ChildLink>;
  gaps: readonly GapRecord[];
  readonly anomalies: Record<Anomaly, number>;
  /** Turns whose view is out of date; `null` if the list of turns is. */
  dirty: TurnNode[] | null;
  view: ThreadView | null;
  /** The view before it was out of date. */
  last: ThreadView | null;
}

export const createThreadNode = (id: string): ThreadNode => ({
  id,
  count: 0,
  gapAt: 0,
  facts: { status: null, name: null, parentId: null },
  factsAt: { status: 0, name: 0, parentId: 0 },
  usage: null,
  turns: [],
  turnById: new Map(),
  items: new Map(),
  open: new Set(),
  phantoms: createBoundedMap(64),
  children: new Map(),
  gaps: [],
  anomalies: {
    orphanDeltas: 0,
    lateDeltas: 0,
    reopened: 0,
    repeatedCompletions: 0,
    phantomTurns: 0,
  },
  dirty: null,
  view: null,
  last: null,
});

export function countAnomaly(thread: ThreadNode, anomaly: Anomaly): void {
  thread.anomalies[anomaly]++;
  thread.view = null;
}

/** The turn of an id, made if it is not known. */
export function turnOf(thread: ThreadNode, id: string, heardAt = thread.count): TurnNode {
  const known = thread.turnById.get(id);
  if (known) return known;
  const turn = createTurnNode(id, heardAt);
  turn.startedAtMs = thread.phantoms.get(id) ?? null;
  thread.phantoms.delete(id);
  thread.turnById.set(id, turn);
  thread.turns.push(turn);
  thread.open.add(turn);
  changeTurns(thread);
  return turn;
}

/** The item of an id, made if it is not known: it makes its turn, and shows it. */
export function itemOf(
  thread: ThreadNode,
  id: string,
  turnId: string,
  heardAt = thread.count,
): ItemNode {
  const known = thread.items.get(id);
  if (known) return known;
  const turn = turnOf(thread, turnId, heardAt);
  const node = createItemNode(id, turn, heardAt);
  thread.items.set(id, node);
  turn.nodes.push(node);
  turn.dirty?.push(node);
  if (turn.hidden) {
    turn.hidden = false;
    thread.open.add(turn);
    changeTurns(thread);
  }
  changeTurn(thread, turn);
  return node;
}

export function changeItem(thread: ThreadNode, node: ItemNode): void {
  // Without a view it is listed already.
  if (node.view !== null) node.turn.dirty?.push(node);
  node.view = null;
  changeTurn(thread, node.turn);
}

export function changeTurn(thread: ThreadNode, turn: TurnNode): void {
  if (turn.view !== null) thread.dirty?.push(turn);
  turn.view = null;
  thread.view = null;
}

/** The list of turns has changed. */
export function changeTurns(thread: ThreadNode): void {
  thread.dirty = null;
  thread.view = null;
}

export function start(thread: ThreadNode, node: ItemNode, item: Loose): void {
  if (node.phase !== 'placeholder') {
    if (node.phase === 'completed') countAnomaly(thread, 'reopened');
    return;
  }
  startItem(node, item);
  node.abandoned = isOver(node.turn) && isSpoken(node.kind);
  link(thread, node.id, item);
  changeItem(thread, node);
}

/** Whether it was not completed before: the first completion wins. */
export function complete(thread: ThreadNode, node: ItemNode, item: Loose): boolean {
  if (node.phase === 'completed') return false;
  completeItem(node, item);
  link(thread, node.id, item);
  changeItem(thread, node);
  return true;
}

/** The status of a turn, and what ends with it. */
export function endTurn(thread: ThreadNode, turn: TurnNode, status: string): void {
  turn.status = status;
  turn.retrying = null;
  if (isOver(turn)) {
    thread.open.delete(turn);
    abandonSpoken(turn, (node) => {
      changeItem(thread, node);
    });
  }
  changeTurn(thread, turn);
}

/** Remembers the sub-agents that an item names. */
function link(thread: ThreadNode, itemId: string, item: Loose): void {
  for (const child of childrenOf(item)) {
    if (thread.children.has(child.threadId)) continue;
    thread.children.set(child.threadId, { ...child, itemId });
    thread.view = null;
  }
}

export function toThreadView(thread: ThreadNode, freeze: boolean): ThreadView {
  if (thread.view !== null) return thread.view;
  const { id, facts, usage, gaps, last } = thread;
  const links = last?.children;
  const view: ThreadView = {
    id,
    ...facts,
    turns: turnsOf(thread, freeze),
    usage,
    children:
      links?.length === thread.children.size
        ? links
        : frozen([...thread.children.values()], freeze),
    gaps: frozen(gaps, freeze),
    anomalies: { ...thread.anomalies },
  };
  if (freeze) Object.freeze(Object.freeze(view).anomalies);
  return (thread.last = thread.view = view);
}

function turnsOf(thread: ThreadNode, freeze: boolean): ThreadView['turns'] {
  const { dirty, last } = thread;
  if (last && dirty?.length === 0) return last.turns;
  const viewOf = (turn: TurnNode) => (turn.view ??= toTurnView(turn, freeze));
  thread.dirty = [];
  if (last && dirty) {
    const turns = last.turns.slice();
    for (const turn of dirty) if (!turn.hidden) turns[turn.index] = viewOf(turn);
    return frozen(turns, freeze);
  }
  const shown = thread.turns.filter((turn) => !turn.hidden);
  shown.forEach((turn, index) => (turn.index = index));
  return frozen(shown.map(viewOf), freeze);
}
