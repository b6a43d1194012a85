import { isSpoken } from './item-node.js';
import { toItemView } from './item-view.js';
import type { ItemNode, TurnNode } from './nodes.js';
import type { ItemView, TurnView } from './thread-view.js';

export const createTurnNode = (id: string, heardAt: number): TurnNode => ({
  id,
  nodes: [],
  status: 'inProgress',
  endedByEvent: false,
  hidden: false,
  error: null,
  retrying: null,
  plan: null,
  diff: null,
  usage: null,
  startedAtMs: null,
  completedAtMs: null,
  heardAt,
  index: -1,
  dirty: [],
  items: [],
  view: null,
});

export const isOver = (turn: TurnNode): boolean => turn.status !== 'inProgress';

/** The turn is over: what the model was saying ends with it, a command may still complete. */
export function abandonSpoken(turn: TurnNode, change: (node: ItemNode) => void): void {
  for (const node of turn.nodes) {
    if (node.phase === 'completed' || node.abandoned || !isSpoken(node.kind)) continue;
    node.abandoned = true;
    change(node);
  }
}

export function toTurnView(turn: TurnNode, freeze: boolean): TurnView {
  turn.items = itemsOf(turn, freeze);
  turn.dirty = [];
  const { id, status, items, error, retrying, plan, diff, usage, startedAtMs, completedAtMs } =
    turn;
  const view: TurnView = {
    id,
    status,
    items,
    error,
    retrying,
    plan,
    diff,
    usage,
    startedAtMs,
    completedAtMs,
  };
  return freeze ? Object.freeze(view) : view;
}

function itemsOf({ nodes, items, dirty }: TurnNode, freeze: boolean): readonly ItemView[] {
  if (dirty?.length === 0) return items;
  const viewOf = (node: ItemNode) => (node.view ??= toItemView(node, freeze));
  if (dirty === null) return frozen(nodes.map(viewOf), freeze);
  const next = items.slice();
  for (const node of dirty) next[node.index] = viewOf(node);
  return frozen(next, freeze);
}

/** Freezes a small array: to freeze a large one costs a hundred times its copy. */
export const frozen = <T>(array: readonly T[], freeze: boolean): readonly T[] =>
  freeze && array.length <= 256 ? Object.freeze(array) : array;
