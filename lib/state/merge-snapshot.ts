import { mergeOrder } from './merge-order.js';
import { changeList, type ItemNode, type ThreadNode, type TurnNode } from './nodes.js';
import type { SnapshotTurn, ThreadSnapshot } from './snapshot.js';
import { abandon, isOver, itemOf, setFacts, setTurn, take, turnOf } from './thread-node.js';

/** A completed item wins; everything else only moves forward. */
export function mergeSnapshot(thread: ThreadNode, snapshot: ThreadSnapshot, after: number): void {
  const { status, name, parentId, replaces, restarted } = snapshot;
  setFacts(thread, { status, name, parentId }, after);
  const listed = new Set<unknown>();
  const turns = snapshot.turns.map((turn) => mergeTurn(thread, turn, listed));
  if (replaces) {
    // What began after the server was asked is not gone.
    thread.nodes = thread.nodes.filter(
      (turn) => listed.has(turn) || turn.heardAt > after || remove(thread, turn),
    );
  }
  thread.nodes = mergeOrder(thread.nodes, turns, thread.gapAt);
  changeList(thread);
  if (restarted) {
    // What the server does not list runs no more.
    for (const turn of thread.nodes) {
      if (isOver(turn)) abandon(turn, (node) => !listed.has(node));
    }
  }
  if (thread.gapAt <= after) {
    thread.facts.gaps = thread.facts.gaps.map((gap) => ({ ...gap, recovered: true }));
  }
}

function mergeTurn(thread: ThreadNode, from: SnapshotTurn, listed: Set<unknown>): TurnNode {
  const turn = turnOf(thread, from.id, 0);
  listed.add(turn);
  const nodes: ItemNode[] = [];
  for (const item of from.items as readonly { readonly id: string; readonly status?: unknown }[]) {
    const node = itemOf(thread, item.id, from.id, 0) as ItemNode;
    take(node, item as never, item.status !== 'inProgress');
    listed.add(node);
    // An item keeps the turn that it was heard in.
    if (node.parent === turn) nodes.push(node);
  }
  turn.nodes = mergeOrder(turn.nodes, nodes, thread.gapAt);
  setTurn(turn, from);
  changeList(turn);
  return turn;
}

function remove(thread: ThreadNode, turn: TurnNode): false {
  thread.turnById.delete(turn.id);
  thread.open.delete(turn);
  for (const { id } of turn.nodes) thread.items.delete(id);
  return false;
}
