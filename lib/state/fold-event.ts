import type { Envelope, Loose } from '../envelope/index.js';
import { byType, deltas } from './deltas.js';
import { appendPart, isCompleted, isSpoken } from './item-node.js';
import { msOf, paramsOf, stringOf } from './loose.js';
import { mergeOrder, timeOf } from './merge-order.js';
import { change, set, setNodes, type ItemNode, type ThreadNode, type TurnNode } from './nodes.js';
import { factsOf, storedItems, storedTurn } from './stored.js';
import {
  announce,
  countAnomaly,
  hide,
  isOver,
  itemOf,
  openTurns,
  revive,
  setFacts,
  setTurn,
  take,
  turnOf,
} from './thread-node.js';

type Fold = (
  thread: ThreadNode,
  params: Loose,
  turnId: string | null,
  turn: TurnNode | undefined,
) => void;

/** Changes a thread by one of its events; one that says nothing of items, turns or status passes. */
export function foldEvent(thread: ThreadNode, event: Envelope): void {
  const { type, turnId } = event;
  const fold = folds.get(type);
  const params = paramsOf(event);
  if (!fold || !params) return;
  const turn = thread.turnById.get(turnId ?? '');
  // A turn that goes on is not being retried any more.
  if (turn?.facts.retrying) set(turn, { retrying: null });
  fold(thread, params, turnId, turn);
}

/** An event that brings an item whole. */
const whole =
  (completes: boolean): Fold =>
  (thread, { item }, turnId) => {
    const node = itemOf(thread, stringOf(item?.['id']), turnId);
    if (node && !takeWhole(node, item as Loose, completes) && isCompleted(node)) {
      countAnomaly(thread, completes ? 'repeatedCompletions' : 'reopened');
    }
  };

/**
 * Takes an item; where it stands is a guess if something else was heard of it than its start.
 *
 * @param place Behind how many others it belongs, if that is known.
 */
function takeWhole(node: ItemNode, item: Loose, completes: boolean, place?: number): boolean {
  const isGuess = !node.item && (completes || node.heardAt < node.parent.parent.count);
  const isNew = take(node, item, completes);
  // A command goes on after its turn.
  if (isNew && (!completes || isSpoken(node))) revive(node.parent);
  if (isNew && isGuess && (place !== undefined || !isInPlace(node))) {
    move(node, place ?? node.index);
  }
  return isNew;
}

/** Whether nothing tells of a better place, at a cost that does not grow: most items are the last. */
function isInPlace(node: ItemNode): boolean {
  const { nodes } = node.parent;
  const time = timeOf(node);
  return isNaN(time) || (!nodes[node.index + 1] && timeOf(nodes[node.index - 1]) <= time);
}

/** Puts an item behind the first ones of the others, or where its time says. */
function move(node: ItemNode, place: number): void {
  const turn = node.parent;
  const others = turn.nodes.filter((other) => other !== node);
  const order = [...others.slice(0, place), node, ...others.slice(place)];
  setNodes(turn, mergeOrder(order, others, turn.parent.gapAt));
}

/** An event that brings a part of an item which is not over. */
const part =
  (kind: string, add: (node: ItemNode, params: Loose) => void, isOrphan = true): Fold =>
  (thread, params, turnId, named) => {
    const id = stringOf(params['itemId']);
    const known = thread.items.get(id ?? '');
    const turn = known?.parent ?? named;
    const isDone = known && isCompleted(known);
    const saidIn = isSpoken({ kind }) ? turn : undefined;
    if (saidIn && !isDone) revive(saidIn);
    if (isDone || (saidIn && isOver(saidIn))) {
      countAnomaly(thread, 'lateDeltas');
      return;
    }
    const node = itemOf(thread, id, turnId);
    if (!node) return;
    if (!known) {
      node.kind = kind;
      node.facts.incomplete = isOrphan;
      if (isOrphan) countAnomaly(thread, 'orphanDeltas');
    }
    add(node, params);
    change(node);
  };

function addDelta(node: ItemNode, { delta, contentIndex, summaryIndex }: Loose): void {
  const piece = stringOf(delta) ?? '';
  if (node.kind !== 'reasoning') node.text.append(piece);
  else if (contentIndex === undefined) appendPart(node, 'summary', summaryIndex, piece);
  else appendPart(node, 'content', contentIndex, piece);
}

/** An event of a turn that is known. */
const onTurn =
  (factsOf: (params: Readonly<Record<string, unknown>>) => Partial<TurnNode['facts']>): Fold =>
  (_thread, params, _turnId, turn) => {
    if (turn) set(turn, factsOf(params));
  };

const folds = /* @__PURE__ */ byType<Fold>({
  ...Object.fromEntries(Object.entries(deltas).map(([name, kind]) => [name, part(kind, addDelta)])),
  'item.started': whole(false),
  'item.completed': whole(true),
  'item.reasoning.summary_part_added': part('reasoning', (node, { summaryIndex }) => {
    appendPart(node, 'summary', summaryIndex, '');
  }),
  // Comes before the start of its item: no sign of a gap.
  'item.file_change.patch_updated': part(
    'fileChange',
    (node, { changes }) => {
      if (node.item) node.item = { ...node.item, changes };
    },
    false,
  ),
  'item.mcp_tool_call.progress': part('mcpToolCall', (node, { message }) => {
    node.progress = stringOf(message);
  }),
  'turn.started': (thread, { turn }) => {
    const id = stringOf(turn?.['id']);
    if (id === null || thread.turnById.has(id)) return;
    announce(thread, id).facts.startedAtMs = msOf(turn?.['startedAt']);
    // While another turn runs it may never come to be.
    if (openTurns(thread).length > 0) countAnomaly(thread, 'phantomTurns');
    else turnOf(thread, id);
  },
  'turn.completed': (thread, { turn: ended }) => {
    const facts = storedTurn(ended);
    const { id } = facts;
    if (!id) return;
    const turn = turnOf(thread, id);
    let place = 0;
    for (const item of storedItems(ended)) {
      const isKnown = thread.items.has(item.id);
      const node = itemOf(thread, item.id, id) as ItemNode;
      // It began before all that was heard since the gap, or since somebody listens.
      takeWhole(node, item as never, true, isKnown ? undefined : place);
      place = turn.nodes.indexOf(node) + 1;
    }
    if (turn.endedByEvent) countAnomaly(thread, 'repeatedCompletions');
    else setTurn(turn, facts, true);
    for (const other of openTurns(thread)) {
      // A gap took the real one's items, and this one is none.
      if (other.nodes.length === 0) hide(other, true);
    }
  },
  'turn.plan.updated': onTurn(({ explanation, plan }) => ({
    plan: { explanation: stringOf(explanation), steps: [plan ?? []].flat() as never },
  })),
  'turn.diff.updated': onTurn(({ diff }) => ({ diff: stringOf(diff) })),
  error: onTurn(({ error = null, willRetry }) => ({
    [willRetry === true ? 'retrying' : 'error']: error,
  })),
  'thread.token_usage.updated': (thread, { tokenUsage }, _turnId, turn) => {
    setFacts(thread, { usage: tokenUsage });
    if (turn) set(turn, { usage: thread.facts.usage?.last ?? null });
  },
  'thread.started': (thread, { thread: announced }) => {
    setFacts(thread, factsOf(announced));
  },
  'thread.status.changed': (thread, { status }) => {
    setFacts(thread, { status });
  },
  'thread.name.updated': (thread, { threadName = null }) => {
    setFacts(thread, { name: threadName });
  },
});

/** The types of the events that a fold reads. */
export const foldedTypes = (): readonly string[] => [...folds.keys()];
