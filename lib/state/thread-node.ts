import { createBoundedMap } from '../bounded/index.js';
import type { Loose } from '../envelope/index.js';
import { childrenOf } from './children-of.js';
import { completeItem, createItemNode, isSpoken, startItem } from './item-node.js';
import { toItemView } from './item-view.js';
import {
  change,
  changeList,
  createNode,
  viewsOf,
  type Freeze,
  type ItemNode,
  type ThreadNode,
  type TurnNode,
} from './nodes.js';
import type { SnapshotTurn } from './snapshot.js';
import type { Anomaly, ThreadView, TurnView } from './thread-view.js';

export const createThreadNode = (id: string): ThreadNode => ({
  ...createNode(id, null, 0),
  facts: {
    id,
    status: null,
    name: null,
    parentId: null,
    turns: [],
    usage: null,
    children: [],
    gaps: [],
    anomalies: {
      orphanDeltas: 0,
      lateDeltas: 0,
      reopened: 0,
      repeatedCompletions: 0,
      phantomTurns: 0,
    },
  },
  factsAt: {},
  count: 0,
  gapAt: 0,
  turnById: new Map(),
  items: new Map(),
  open: new Set(),
  phantoms: createBoundedMap(64),
});

/** A turn of which nothing is known yet. */
export const emptyTurn = (id: string): TurnView => ({
  id,
  status: 'inProgress',
  items: [],
  error: null,
  retrying: null,
  plan: null,
  diff: null,
  usage: null,
  startedAtMs: null,
  completedAtMs: null,
});

export function countAnomaly(thread: ThreadNode, name: Anomaly): void {
  const { anomalies } = thread.facts;
  thread.facts.anomalies = { ...anomalies, [name]: anomalies[name] + 1 };
  change(thread);
}

/** What is known of a thread, as of a count of events: what changed later stays. */
export function setFacts(thread: ThreadNode, facts: object, at = thread.count): void {
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined || (thread.factsAt[name] ?? 0) > at) continue;
    thread.factsAt[name] = at;
    Object.assign(thread.facts, { [name]: value as unknown });
  }
  change(thread);
}

/** The turn of an id, made if it is not known, and shown. */
export function turnOf(thread: ThreadNode, id: string, heardAt = thread.count): TurnNode {
  let turn = thread.turnById.get(id);
  if (turn && !turn.hidden) return turn;
  if (!turn) {
    turn = { ...createNode(id, thread, heardAt), facts: emptyTurn(id), endedByEvent: false };
    turn.facts.startedAtMs = thread.phantoms.get(id) ?? null;
    thread.phantoms.delete(id);
    thread.turnById.set(id, turn);
    thread.nodes.push(turn);
  }
  turn.hidden = false;
  thread.open.add(turn);
  changeList(thread);
  return turn;
}

/** The item of an id, made if it is not known, as is its turn. */
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
  change(turn);
  return node;
}

/** Whether it was not known: a later start changes nothing. */
export function start(node: ItemNode, item: Loose): boolean {
  if (node.item) return false;
  startItem(node, item);
  if (isOver(node.parent)) abandon(node.parent, isSpoken);
  return link(node, item);
}

/** Whether it was not completed before: the first completion wins. */
export function complete(node: ItemNode, item: Loose): boolean {
  if (node.state === 'completed') return false;
  completeItem(node, item);
  return link(node, item);
}

/** Remembers the sub-agents that an item names. */
function link({ id: itemId, parent }: ItemNode, item: Loose): true {
  const { facts } = parent.parent;
  for (const child of childrenOf(item)) {
    if (facts.children.some(({ threadId }) => threadId === child.threadId)) continue;
    facts.children = [...facts.children, { ...child, itemId }];
  }
  return true;
}

export const isOver = ({ facts }: TurnNode): boolean => facts.status !== 'inProgress';

/** What the server says of a turn; and the end of what the model was saying, if it is over. */
export function setTurn(turn: TurnNode, from: Omit<SnapshotTurn, 'items'>): void {
  const { facts } = turn;
  facts.status = from.status;
  facts.error = from.error ?? facts.error;
  facts.startedAtMs ??= from.startedAtMs ?? null;
  facts.completedAtMs = from.completedAtMs ?? null;
  facts.retrying = null;
  if (isOver(turn)) {
    turn.parent.open.delete(turn);
    // A command may still complete.
    abandon(turn, isSpoken);
  }
  change(turn);
}

/** Items that nothing more will be heard of. */
export function abandon(turn: TurnNode, isLost: (node: ItemNode) => boolean): void {
  for (const node of turn.nodes) {
    if (node.state !== 'running' || !isLost(node)) continue;
    node.state = 'abandoned';
    change(node);
  }
}

const toTurnView = (turn: TurnNode, freeze: Freeze): TurnView => ({
  ...turn.facts,
  items: viewsOf(turn, freeze, toItemView),
});

export function toThreadView(thread: ThreadNode, freeze: Freeze): ThreadView {
  const { facts } = thread;
  for (const value of [facts.children, facts.gaps, facts.anomalies]) freeze(value);
  return (thread.view ??= freeze({ ...facts, turns: viewsOf(thread, freeze, toTurnView) }));
}
