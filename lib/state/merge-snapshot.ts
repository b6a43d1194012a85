import type { ItemNode, TurnNode } from './nodes.js';
import type { Loose } from '../envelope/index.js';
import { numberOf } from './item-node.js';
import { mergeOrder } from './merge-order.js';
import type { SnapshotTurn, ThreadSnapshot } from './snapshot.js';
import {
  changeItem,
  changeTurn,
  changeTurns,
  complete,
  endTurn,
  itemOf,
  start,
  turnOf,
  type ThreadNode,
} from './thread-node.js';
import { isOver } from './turn-node.js';

/** A completed item wins; everything else only moves forward. */
export function mergeSnapshot(thread: ThreadNode, snapshot: ThreadSnapshot, after: number): void {
  const { status, name, parentId, replaces = false, restarted = false } = snapshot;
  for (const [fact, value] of Object.entries({ status, name, parentId })) {
    const at = thread.factsAt[fact as keyof ThreadNode['factsAt']];
    if (value !== undefined && at <= after) thread.facts = { ...thread.facts, [fact]: value };
  }
  const listed = new Set<ItemNode>();
  const turns = snapshot.turns.map((turn) => mergeTurn(thread, turn, listed));
  const kept = replaces ? keep(thread, new Set(turns), after) : thread.turns;
  thread.turns = mergeOrder(kept, turns, thread.gapAt, () => null);
  if (restarted) abandonUnlisted(thread, listed);
  thread.gaps = thread.gaps.map((gap) =>
    gap.recovered || thread.gapAt > after ? gap : { ...gap, recovered: true },
  );
  changeTurns(thread);
}

function mergeTurn(thread: ThreadNode, from: SnapshotTurn, listed: Set<ItemNode>): TurnNode {
  const turn = turnOf(thread, from.id, 0);
  const nodes = from.items.map((item) => {
    const node = itemOf(thread, item.id, from.id, 0);
    const isOpen = (item as { status?: unknown }).status === 'inProgress';
    if (isOpen && node.phase === 'placeholder') start(thread, node, item as unknown as Loose);
    else if (!isOpen) complete(thread, node, item as unknown as Loose);
    listed.add(node);
    return node;
  });
  // An item keeps the turn that it was heard in.
  const own = nodes.filter((node) => node.turn === turn);
  turn.nodes = mergeOrder(turn.nodes, own, thread.gapAt, (node) =>
    numberOf(node.item['startedAtMs']),
  );
  turn.nodes.forEach((node, index) => (node.index = index));
  turn.dirty = null;
  turn.hidden = false;
  turn.startedAtMs ??= from.startedAtMs ?? null;
  if (!isOver(turn)) {
    turn.error = from.error ?? turn.error;
    turn.completedAtMs = from.completedAtMs ?? null;
    endTurn(thread, turn, from.status);
  }
  changeTurn(thread, turn);
  return turn;
}

/** Turns that the server has, and those that began after it was asked. */
function keep(thread: ThreadNode, theirs: ReadonlySet<TurnNode>, after: number): TurnNode[] {
  return thread.turns.filter((turn) => {
    if (theirs.has(turn) || turn.heardAt > after) return true;
    thread.turnById.delete(turn.id);
    thread.open.delete(turn);
    for (const { id } of turn.nodes) thread.items.delete(id);
    return false;
  });
}

/** After a restart, what the server does not list runs no more. */
function abandonUnlisted(thread: ThreadNode, listed: ReadonlySet<ItemNode>): void {
  for (const turn of thread.turns) {
    if (!isOver(turn)) continue;
    for (const node of turn.nodes) {
      if (node.phase === 'completed' || node.abandoned || listed.has(node)) continue;
      node.abandoned = true;
      changeItem(thread, node);
    }
  }
}
