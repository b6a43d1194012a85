import { mergeOrder } from './merge-order.js';
import { set, setNodes, type ItemNode, type ThreadNode, type TurnNode } from './nodes.js';
import type { SnapshotTurn, ThreadSnapshot } from './snapshot.js';
import {
  abandoned,
  isOver,
  itemOf,
  setFacts,
  setRunning,
  setTurn,
  take,
  turnOf,
} from './thread-node.js';

/** A completed item wins; everything else only moves forward. */
export function mergeSnapshot(thread: ThreadNode, snapshot: ThreadSnapshot, after: number): void {
  const { status, name, parentId, replaces, restarted } = snapshot;
  setFacts(thread, { status, name, parentId }, after);
  const listed = new Set<unknown>();
  const turns = snapshot.turns.map((turn) => mergeTurn(thread, turn, listed));
  for (const turn of thread.nodes) {
    // What began after the server was asked is not gone.
    if (replaces && !listed.has(turn) && turn.heardAt <= after) turn.isHidden = true;
  }
  setNodes(thread, mergeOrder(thread.nodes, turns, thread.lostAt ?? thread.gapAt));
  if (restarted) {
    // What the server does not list runs no more.
    for (const turn of thread.nodes) {
      if (isOver(turn)) setRunning(turn, abandoned, (node) => !listed.has(node));
    }
  }
  if (thread.gapAt <= after) {
    thread.lostAt = null;
    set(thread, { gaps: thread.facts.gaps.map((gap) => ({ ...gap, recovered: true })) });
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
  setNodes(turn, mergeOrder(turn.nodes, nodes, thread.lostAt ?? thread.gapAt));
  setTurn(turn, from);
  return turn;
}
