import type { ItemNode, TurnNode } from './nodes.js';
import type { Envelope, Loose } from '../envelope/index.js';
import { isSpoken, stringOf, textAt } from './item-node.js';
import {
  changeItem,
  changeTurn,
  changeTurns,
  complete,
  countAnomaly,
  endTurn,
  itemOf,
  start,
  turnOf,
  type ThreadNode,
} from './thread-node.js';
import { msOf } from './stored-thread.js';
import { isOver } from './turn-node.js';

type Fold = (thread: ThreadNode, params: Loose, turnId: string | null) => void;

/** Changes a thread by one of its events; one that says nothing of items, turns or status passes. */
export function foldEvent(thread: ThreadNode, event: Envelope): void {
  const fold = folds.get(event.type);
  if (!fold) return;
  const { params } = Object(event.payload) as { params?: Loose };
  if (typeof params === 'object') fold(thread, params, event.turnId);
}

const folds: ReadonlyMap<string, Fold> = /* @__PURE__ */ new Map<string, Fold>(
  /* @__PURE__ */ Object.entries({
    'item.started': (thread, params, turnId) => {
      const node = nodeOf(thread, params['item'], turnId);
      if (node) start(thread, node, params['item'] as Loose);
    },
    'item.completed': (thread, params, turnId) => {
      const node = nodeOf(thread, params['item'], turnId);
      if (!node || complete(thread, node, params['item'] as Loose)) return;
      countAnomaly(thread, 'repeatedCompletions');
    },
    'item.agent_message.delta': append('agentMessage'),
    'item.plan.delta': append('plan'),
    'item.command_execution.output_delta': append('commandExecution'),
    'item.file_change.output_delta': append('fileChange'),
    'item.reasoning.summary_text_delta': append('reasoning', 'summaryIndex'),
    'item.reasoning.text_delta': append('reasoning', 'contentIndex'),
    'item.reasoning.summary_part_added': (thread, params, turnId) => {
      const node = open(thread, params, turnId, 'reasoning');
      if (!node) return;
      textAt(node.texts, indexOf(params['summaryIndex']));
      changeItem(thread, node);
    },
    'item.file_change.patch_updated': (thread, params, turnId) => {
      // Comes before the start of its item: no sign of a gap.
      const node = open(thread, params, turnId, 'fileChange', false);
      if (!node) return;
      node.item = { ...node.item, changes: params['changes'] };
      changeItem(thread, node);
    },
    'item.mcp_tool_call.progress': (thread, params, turnId) => {
      const node = open(thread, params, turnId, 'mcpToolCall');
      if (!node) return;
      node.progress = stringOf(params['message']);
      changeItem(thread, node);
    },
    'turn.started': (thread, { turn }) => {
      const id = stringOf(turn?.['id']);
      if (id === null || thread.turnById.has(id)) return;
      if (thread.open.size > 0) {
        // It may never come to be: an item that names it makes it a turn.
        if (!thread.phantoms.has(id)) countAnomaly(thread, 'phantomTurns');
        thread.phantoms.set(id, msOf(turn?.['startedAt']));
        return;
      }
      turnOf(thread, id).startedAtMs = msOf(turn?.['startedAt']);
    },
    'turn.completed': (thread, { turn: ended }) => {
      const id = stringOf(ended?.['id']);
      if (id === null) return;
      const turn = turnOf(thread, id);
      const items = ended?.['items'];
      for (const item of Array.isArray(items) ? (items as Loose[]) : []) {
        const node = nodeOf(thread, item, id);
        if (node) complete(thread, node, item);
      }
      if (turn.endedByEvent) {
        countAnomaly(thread, 'repeatedCompletions');
        return;
      }
      turn.endedByEvent = true;
      turn.error = (ended?.['error'] as TurnNode['error'] | undefined) ?? turn.error;
      turn.startedAtMs ??= msOf(ended?.['startedAt']);
      turn.completedAtMs = msOf(ended?.['completedAt']);
      endTurn(thread, turn, stringOf(ended?.['status']) ?? 'completed');
      hideEmpty(thread);
    },
    'turn.plan.updated': onTurn((turn, params) => {
      const { explanation, plan } = params as Record<string, unknown>;
      turn.plan = { explanation: stringOf(explanation), steps: Array.isArray(plan) ? plan : [] };
    }),
    'turn.diff.updated': onTurn((turn, params) => {
      turn.diff = stringOf(params['diff']);
    }),
    error: onTurn((turn, { error, willRetry }) => {
      const why = (error as TurnNode['error'] | undefined) ?? null;
      if ((willRetry as unknown) === true) turn.retrying = why;
      else turn.error = why;
    }),
    'thread.token_usage.updated': (thread, { tokenUsage }, turnId) => {
      thread.usage = tokenUsage as unknown as ThreadNode['usage'];
      thread.view = null;
      const turn = thread.turnById.get(turnId ?? '');
      if (!turn) return;
      turn.usage = thread.usage?.last ?? null;
      changeTurn(thread, turn);
    },
    'thread.started': (thread, { thread: announced }) => {
      setFact(thread, 'status', announced?.['status']);
      setFact(thread, 'name', announced?.['name']);
      setFact(thread, 'parentId', announced?.['parentThreadId']);
    },
    'thread.status.changed': (thread, { status }) => {
      setFact(thread, 'status', status);
    },
    'thread.name.updated': (thread, { threadName }) => {
      setFact(thread, 'name', threadName ?? null);
    },
  } satisfies Record<string, Fold>).map(([name, fold]): [string, Fold] => [
    `app_server.${name}`,
    fold,
  ]),
);

/** The types of the events that a fold reads. */
export const foldedTypes = (): readonly string[] => [...folds.keys()];

function setFact(thread: ThreadNode, name: keyof ThreadNode['facts'], value: unknown): void {
  if (value === undefined) return;
  thread.facts = { ...thread.facts, [name]: value };
  thread.factsAt[name] = thread.count;
  thread.view = null;
}

/** An event of a turn that is known. */
function onTurn(change: (turn: TurnNode, params: Loose) => void): Fold {
  return (thread, params, turnId) => {
    const turn = thread.turnById.get(turnId ?? '');
    if (!turn) return;
    goesOn(thread, turn);
    change(turn, params);
    changeTurn(thread, turn);
  };
}

/** The node of an item that an event brings whole. */
function nodeOf(thread: ThreadNode, item: Loose | undefined, turnId: string | null) {
  const id = stringOf(item?.['id']);
  if (id === null || (turnId === null && !thread.items.has(id))) return null;
  const node = itemOf(thread, id, turnId as string);
  goesOn(thread, node.turn);
  return node;
}

/** The node of an item that is not over, of which an event brings a part. */
function open(
  thread: ThreadNode,
  params: Loose,
  turnId: string | null,
  kind: string,
  isOrphan = true,
): ItemNode | null {
  const id = stringOf(params['itemId']);
  if (id === null) return null;
  const known = thread.items.get(id);
  const turn = known?.turn ?? thread.turnById.get(turnId ?? '');
  if (known?.phase === 'completed' || (isSpoken(kind) && turn && isOver(turn))) {
    countAnomaly(thread, 'lateDeltas');
    return null;
  }
  if (known) {
    if (known.turn.retrying) goesOn(thread, known.turn);
    return known;
  }
  if (turnId === null) return null;
  const node = itemOf(thread, id, turnId);
  node.kind = kind;
  node.incomplete = isOrphan;
  if (isOrphan) countAnomaly(thread, 'orphanDeltas');
  return node;
}

/** Appends a delta; of reasoning to the part that `index` names. */
function append(kind: string, index?: 'summaryIndex' | 'contentIndex'): Fold {
  return (thread, params, turnId) => {
    const delta = stringOf(params['delta']);
    const node = delta === null ? null : open(thread, params, turnId, kind);
    if (!node) return;
    const texts = index === 'contentIndex' ? node.content : node.texts;
    const place = index ? indexOf(params[index]) : 0;
    // What is put before the end changes what was shown.
    if (place < texts.length - 1 && texts === node.texts) renew(node);
    textAt(index === 'contentIndex' ? node.content : node.texts, place).append(delta as string);
    changeItem(thread, node);
  };
}

/** A new revision, whose texts the views of the one before do not share. */
function renew(node: ItemNode): void {
  node.revision++;
  const before = node.texts;
  node.texts = [];
  before.forEach((text, index) => {
    textAt(node.texts, index).append(text.slice(0, text.length));
  });
}

/** A turn that goes on is not being retried any more. */
function goesOn(thread: ThreadNode, turn: TurnNode): void {
  if (turn.retrying === null) return;
  turn.retrying = null;
  changeTurn(thread, turn);
}

/** A turn without any item is not shown when another one ends: a gap took the real one's items. */
function hideEmpty(thread: ThreadNode): void {
  for (const turn of thread.open) {
    if (turn.nodes.length > 0) continue;
    turn.hidden = true;
    thread.open.delete(turn);
    changeTurns(thread);
  }
}

const indexOf = (value: unknown): number =>
  Number.isInteger(value) ? Math.min(Math.max(value as number, 0), 10_000) : 0;
