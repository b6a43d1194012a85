import type { Envelope, Loose } from '../envelope/index.js';
import { deltas, fullType } from './deltas.js';
import { isSpoken, textAt } from './item-node.js';
import { msOf, stringOf } from './loose.js';
import { change, changeList, type ItemNode, type ThreadNode, type TurnNode } from './nodes.js';
import { factsOf, storedItems, storedTurn } from './stored.js';
import {
  complete,
  countAnomaly,
  isOver,
  itemOf,
  setFacts,
  setTurn,
  start,
  turnOf,
} from './thread-node.js';

type Fold = (thread: ThreadNode, params: Loose, turnId: string | null) => void;

/** Changes a thread by one of its events; one that says nothing of items, turns or status passes. */
export function foldEvent(thread: ThreadNode, { type, payload, turnId }: Envelope): void {
  const fold = folds.get(type);
  const { params } = Object(payload) as { params?: Loose };
  if (!fold || Object(params) !== params) return;
  const turn = thread.turnById.get(turnId ?? '');
  // A turn that goes on is not being retried any more.
  if (turn?.facts.retrying) {
    turn.facts.retrying = null;
    change(turn);
  }
  fold(thread, params as Loose, turnId);
}

/** An event that brings an item whole. */
const whole =
  (take: typeof start, onRepeat: (thread: ThreadNode, node: ItemNode) => void): Fold =>
  (thread, { item }, turnId) => {
    const node = nodeOf(thread, item?.['id'], turnId);
    if (node && !take(node, item as Loose)) onRepeat(thread, node);
  };

/** An event that brings a part of an item which is not over. */
const part =
  (kind: string, take: (node: ItemNode, params: Loose) => void, isOrphan = true): Fold =>
  (thread, params, turnId) => {
    const id = stringOf(params['itemId']) ?? '';
    const known = thread.items.get(id);
    const turn = known?.parent ?? thread.turnById.get(turnId ?? '');
    if (known?.state === 'completed' || (isSpoken({ kind }) && turn && isOver(turn))) {
      countAnomaly(thread, 'lateDeltas');
      return;
    }
    const node = nodeOf(thread, id, turnId);
    if (!node) return;
    if (!known) {
      node.kind = kind;
      node.incomplete = isOrphan;
      if (isOrphan) countAnomaly(thread, 'orphanDeltas');
    }
    take(node, params);
    change(node);
  };

/** Appends a delta; of reasoning to the part that `index` names. */
const append =
  (index = '') =>
  (node: ItemNode, params: Loose): void => {
    const texts = index === 'contentIndex' ? node.content : node.texts;
    const place = indexOf(params[index]);
    // What is put before the end changes what was shown.
    if (texts === node.texts && place < texts.length - 1) node.revision++;
    textAt(texts, place).append(stringOf(params['delta']) ?? '');
  };

/** An event of a turn that is known. */
const onTurn =
  (take: (facts: TurnNode['facts'], params: Record<string, unknown>) => void): Fold =>
  (thread, params, turnId) => {
    const turn = thread.turnById.get(turnId ?? '');
    if (!turn) return;
    take(turn.facts, params);
    change(turn);
  };

const folds: ReadonlyMap<string, Fold> = /* @__PURE__ */ new Map<string, Fold>(
  /* @__PURE__ */ [
    .../* @__PURE__ */ deltas.map(
      ([type, kind, index]) => [type, part(kind, append(index))] as const,
    ),
    .../* @__PURE__ */ Object.entries<Fold>({
      'item.started': whole(start, (thread, { state }) => {
        if (state === 'completed') countAnomaly(thread, 'reopened');
      }),
      'item.completed': whole(complete, (thread) => {
        countAnomaly(thread, 'repeatedCompletions');
      }),
      'item.reasoning.summary_part_added': part('reasoning', (node, { summaryIndex }) => {
        textAt(node.texts, indexOf(summaryIndex));
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
        // While another turn runs it may never come to be: an item that names it makes it a turn.
        const isPhantom = thread.open.size > 0;
        if (isPhantom && !thread.phantoms.has(id)) countAnomaly(thread, 'phantomTurns');
        thread.phantoms.set(id, msOf(turn?.['startedAt']));
        if (!isPhantom) turnOf(thread, id);
      },
      'turn.completed': (thread, { turn: ended }) => {
        const { id, ...facts } = storedTurn(ended);
        if (id === '') return;
        const turn = turnOf(thread, id);
        for (const item of storedItems(ended)) complete(itemOf(thread, item.id, id), item as never);
        if (turn.endedByEvent) {
          countAnomaly(thread, 'repeatedCompletions');
          return;
        }
        turn.endedByEvent = true;
        setTurn(turn, { id, ...facts });
        for (const other of thread.open) {
          if (other.nodes.length > 0) continue;
          // A gap took the real one's items, and this one is none.
          other.hidden = true;
          thread.open.delete(other);
          changeList(thread);
        }
      },
      'turn.plan.updated': onTurn((facts, { explanation, plan }) => {
        facts.plan = { explanation: stringOf(explanation), steps: Array.isArray(plan) ? plan : [] };
      }),
      'turn.diff.updated': onTurn((facts, { diff }) => {
        facts.diff = stringOf(diff);
      }),
      error: onTurn((facts, { error = null, willRetry }) => {
        facts[willRetry === true ? 'retrying' : 'error'] = error as TurnNode['facts']['error'];
      }),
      'thread.token_usage.updated': (thread, { tokenUsage }, turnId) => {
        setFacts(thread, { usage: tokenUsage });
        onTurn((facts) => {
          facts.usage = thread.facts.usage?.last ?? null;
        })(thread, {}, turnId);
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
    }),
  ].map(([name, fold]) => [fullType(name), fold]),
);

/** The types of the events that a fold reads. */
export const foldedTypes = (): readonly string[] => [...folds.keys()];

/** The node of an item that an event names. */
function nodeOf(thread: ThreadNode, id: unknown, turnId: string | null): ItemNode | null {
  if (typeof id !== 'string' || id === '') return null;
  return thread.items.get(id) ?? (turnId === null ? null : itemOf(thread, id, turnId));
}

const indexOf = (value: unknown): number =>
  Number.isInteger(value) ? Math.min(Math.max(value as number, 0), 10_000) : 0;
