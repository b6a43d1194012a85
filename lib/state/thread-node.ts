import type { Loose } from '../envelope/index.js';
import { childrenOf } from './children-of.js';
import { createItemNode, isSpoken, takeItem } from './item-node.js';
import { toItemView } from './item-view.js';
import {
  change,
  createNode,
  set,
  setNodes,
  viewsOf,
  type Freeze,
  type ItemNode,
  type ThreadNode,
  type TurnNode,
} from './nodes.js';
import type { SnapshotTurn } from './snapshot.js';
import type { Anomaly, ThreadView, TurnView } from './thread-view.js';

export const createThreadNode = (id: string): ThreadNode => ({
  ...createNode(null, 0, {
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
  }),
  factsAt: {},
  count: 0,
  gapAt: 0,
  lostAt: 0,
  turnById: new Map(),
  items: new Map(),
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
  set(thread, { anomalies: { ...anomalies, [name]: anomalies[name] + 1 } });
}

/** What is known of a thread, as of a count of events: what changed later stays. */
export function setFacts(thread: ThreadNode, facts: object, at = thread.count): void {
  for (const [name, value] of Object.entries<unknown>(facts as never)) {
    if (value === undefined || (thread.factsAt[name] ?? 0) > at) continue;
    thread.factsAt[name] = at;
    set(thread, { [name]: value });
  }
}

/** The turn of an id, made if it is not known, and shown. */
export function turnOf(thread: ThreadNode, id: string, heardAt?: number): TurnNode {
  const turn = announce(thread, id, heardAt);
  if (turn.isHidden) hide(turn, false);
  return turn;
}

/** The turn of an id, made if it is not known: it is shown once something names it. */
export function announce(thread: ThreadNode, id: string, heardAt = thread.count): TurnNode {
  const known = thread.turnById.get(id);
  if (known) return known;
  const node = createNode(thread, heardAt, emptyTurn(id));
  const turn = { ...node, isHidden: true, endedByEvent: false };
  thread.turnById.set(id, turn);
  thread.nodes.push(turn);
  return turn;
}

export function hide(turn: TurnNode, isHidden: boolean): void {
  turn.isHidden = isHidden;
  setNodes(turn.parent, turn.parent.nodes);
}

/** The turns that are shown and not over. */
export const openTurns = ({ nodes }: ThreadNode): readonly TurnNode[] =>
  nodes.filter((turn) => !turn.isHidden && !isOver(turn));

/** The item of an id, made if it is not known, as is its turn; `null` if nothing names them. */
export function itemOf(
  thread: ThreadNode,
  id: string | null,
  turnId: string | null,
  heardAt = thread.count,
): ItemNode | null {
  const known = thread.items.get(id ?? '');
  if (known || !id || !turnId) return known ?? null;
  const turn = turnOf(thread, turnId, heardAt);
  const node = createItemNode(id, turn, heardAt);
  thread.items.set(id, node);
  node.index = turn.nodes.push(node) - 1;
  turn.dirty.push(node);
  change(turn);
  return node;
}

/** Takes an item as an event or a snapshot brings it: whether it says anything new. */
export function take(node: ItemNode, item: Loose, completes: boolean): boolean {
  const isNew = takeItem(node, item, completes);
  const turn = node.parent;
  const { facts } = turn.parent;
  if (isNew && isOver(turn)) setRunning(turn, abandoned);
  for (const child of isNew ? childrenOf(item) : []) {
    if (facts.children.some(({ threadId }) => threadId === child.threadId)) continue;
    facts.children = [...facts.children, { ...child, itemId: node.facts.id }];
  }
  return isNew;
}

export const isOver = ({ facts }: TurnNode): boolean => facts.status !== 'inProgress';

/**
 * What the server says of a turn; and the end of what the model was saying, if it is over.
 *
 * @param isEvent A snapshot never moves a turn back.
 */
export function setTurn(turn: TurnNode, from: Omit<SnapshotTurn, 'items'>, isEvent = false): void {
  if (from.status === 'inProgress') revive(turn);
  if (isOver(turn) && !isEvent) return;
  turn.endedByEvent = isEvent;
  const { facts } = turn;
  set(turn, {
    status: from.status,
    retrying: null,
    error: from.error ?? facts.error,
    startedAtMs: from.startedAtMs ?? facts.startedAtMs,
    completedAtMs: from.completedAtMs ?? facts.completedAtMs,
  });
  // A command may still complete.
  if (isOver(turn)) setRunning(turn, abandoned);
}

/**
 * Something new of a turn began, or was said, or it is read as running. A server that is asked about
 * a turn which has just begun may read it as interrupted (0.171, of a sub-agent): it goes on.
 */
export function revive(turn: TurnNode): void {
  if (turn.endedByEvent || turn.facts.status !== 'interrupted') return;
  set(turn, { status: 'inProgress', completedAtMs: null });
  for (const node of turn.nodes) {
    if (node.facts.state === 'abandoned') set(node, { state: 'running' });
  }
}

/** Sets what is known of the items of a turn that run, or of some of them. */
export function setRunning(
  turn: TurnNode,
  facts: Partial<ItemNode['facts']>,
  isMeant: (node: ItemNode) => boolean = isSpoken,
): void {
  for (const node of turn.nodes) {
    if (node.facts.state === 'running' && isMeant(node)) set(node, facts);
  }
}

/** Nothing more will be heard of an item. */
export const abandoned = { state: 'abandoned' } as const;

const toTurnView = (turn: TurnNode, freeze: Freeze): TurnView => ({
  ...turn.facts,
  items: viewsOf(turn, freeze, toItemView),
});

export function toThreadView(thread: ThreadNode, freeze: Freeze): ThreadView {
  const { facts } = thread;
  for (const value of [facts.children, facts.gaps, facts.anomalies]) freeze(value);
  return (thread.view ??= freeze({ ...facts, turns: viewsOf(thread, freeze, toTurnView) }));
}
