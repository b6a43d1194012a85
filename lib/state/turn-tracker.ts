import type { Envelope, Loose } from '../envelope/index.js';
import { createThreadFold } from './create-thread-fold.js';
import { paramsOf } from './loose.js';
import type { SnapshotTurn, ThreadSnapshot } from './snapshot.js';
import type { TurnView } from './thread-view.js';

/** Finds the turn that is meant among the events and snapshots of its thread. */
export interface TurnTracker {
  /** `null` until it is known. */
  readonly turnId: string | null;
  /** Events heard so far. */
  readonly count: number;
  hear(event: Envelope): void;
  gap(): void;
  /** @param after The `count` when the snapshot was asked for. */
  merge(snapshot: ThreadSnapshot, after: number): void;
  /** Follows the turn of this id, or the one that took its message. */
  follow(turnId: string): void;
  /** Whether the message of a client is in a turn; `null`: this server does not name clients. */
  delivered(clientId: string): boolean | null;
  /** Whether the `turn/completed` of the turn came. */
  readonly isOver: boolean;
  view(): TurnView | undefined;
}

/** @param clientId Of the message that starts the turn: it is where that is. */
export function trackTurn(threadId: string, clientId: string | null): TurnTracker {
  const fold = createThreadFold(threadId);
  /** In which turns the messages of clients are. */
  const places = new Map<string, string>();
  /** Turns that were announced while another one ran, each with that one. */
  const phantoms = new Map<string, string>();
  const ended = new Set<string>();
  let lacksClients = false;
  /** The id that it was given. */
  let given: string | null = null;
  let turnId: string | null = null;

  const find = (id: string | null): TurnView | undefined =>
    fold.view().turns.find((turn) => turn.id === id);

  /** A turn is what an item names, or what was announced while no other one ran. */
  function settle(): void {
    const place = places.get(clientId ?? '');
    if (place !== undefined) turnId = place;
    else if (given !== null) turnId = find(given) ? given : (phantoms.get(given) ?? given);
  }

  /** Where a message is, is certain: whatever ids were announced. */
  function place(item: Loose | undefined, id: string): void {
    const { type, clientId: client } = Object(item) as Record<string, unknown>;
    if (type !== 'userMessage') return;
    if (client === undefined) lacksClients = true;
    if (typeof client !== 'string') return;
    places.set(client, id);
    settle();
  }

  return {
    get turnId() {
      return turnId;
    },
    get count() {
      return fold.count;
    },
    hear(event) {
      fold.push(event);
      const { type, turnId: id } = event;
      if (id === null) return;
      if (type === 'app_server.turn.started' && !find(id)) {
        // A second turn of a thread is announced, and then is none: its message goes to the first.
        const other = fold.view().turns.filter(isOpen).at(-1);
        if (other) phantoms.set(id, other.id);
        settle();
      } else if (type === 'app_server.item.started' || type === 'app_server.item.completed') {
        place(paramsOf(event)?.['item'], id);
        if (id === given) settle();
      } else if (type === 'app_server.turn.completed') ended.add(id);
    },
    gap() {
      fold.gap();
    },
    merge(snapshot, after) {
      for (const { id, items } of snapshot.turns) {
        for (const item of items) place(item as unknown as Loose, id);
      }
      // The other turns are none of its business.
      const running = runningTurn(snapshot);
      const turns = snapshot.turns.filter((turn) => turn.id === turnId || turn === running);
      fold.merge({ ...snapshot, turns }, after);
    },
    follow(id) {
      given = id;
      settle();
    },
    delivered: (id) => places.has(id) || (lacksClients ? null : false),
    get isOver() {
      return turnId !== null && ended.has(turnId);
    },
    view: () => find(turnId),
  };
}

export const isOpen = ({ status }: { readonly status: string }): boolean => status === 'inProgress';

/**
 * The turn that runs in a thread: codex-manager says so for ever of one whose Codex was killed, and of
 * one that was announced and is none, which has no items.
 */
export function runningTurn({ status, turns }: ThreadSnapshot): SnapshotTurn | undefined {
  const open = status?.type === 'active' ? turns.filter(isOpen) : [];
  return open.filter(({ items }) => items.length > 0).at(-1) ?? open.at(-1);
}

/** Whether an event says that the thread does nothing, or is not there any more. */
export const leavesIdle = (event: Envelope): boolean =>
  event.type === 'app_server.thread.status.changed'
    ? (paramsOf(event)?.['status']?.['type'] as unknown) !== 'active'
    : event.type === 'app_server.thread.closed';
