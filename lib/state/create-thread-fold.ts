import { mustBeKnown } from '../options/index.js';
import type { Envelope } from '../envelope/index.js';
import { foldEvent } from './fold-event.js';
import { mergeSnapshot } from './merge-snapshot.js';
import { mustBeId } from './must-be-id.js';
import { freezer, set } from './nodes.js';
import type { ThreadSnapshot } from './snapshot.js';
import { createThreadNode, openTurns, setRunning, toThreadView } from './thread-node.js';
import type { ThreadView } from './thread-view.js';

/** How events are folded. */
export interface FoldOptions {
  /**
   * Whether views are frozen: threads, turns, items, and arrays of up to 256.
   *
   * @default false
   */
  readonly freeze?: boolean;
}

/** When a gap began and how long it lasted, in milliseconds. */
export interface GapTime {
  readonly since: number;
  readonly duration: number;
}

/** Builds the state of one thread from its events and from snapshots. */
export interface ThreadFold {
  /** Events pushed so far. */
  readonly count: number;
  /** Takes the next event, at a cost that does not grow; events of other threads change nothing. */
  push(event: Envelope): void;
  /**
   * Merges what the server stores, whenever it arrives: nothing is doubled, and nothing goes back.
   *
   * @param after The `count` when the snapshot was asked for.
   */
  merge(snapshot: ThreadSnapshot, after: number): void;
  /** Events were missed: what runs may lack something until it completes. */
  gap(time?: GapTime): void;
  /** The thread as it is now: the same value as long as nothing changes. Never changes itself. */
  view(): ThreadView;
}

/**
 * Folds the events of a thread into immutable state. It never throws at an event: what breaks the
 * order of the protocol is counted in `view().anomalies`.
 *
 * @example
 * const fold = createThreadFold(threadId);
 * stream.on(forThread(threadId), (event) => fold.push(event));
 */
export function createThreadFold(threadId: string, options: FoldOptions = {}): ThreadFold {
  mustBeId('threadId', threadId);
  mustBeKnown('', options, ['freeze']);
  const thread = createThreadNode(threadId);
  const freeze = freezer(options.freeze);
  return {
    get count() {
      return thread.count;
    },
    push(event) {
      thread.count++;
      if (event.threadId === threadId) foldEvent(thread, event);
    },
    merge(snapshot, after) {
      mergeSnapshot(thread, snapshot, after);
    },
    gap(time) {
      const { since = null, duration = null } = time ?? {};
      thread.lostAt ??= thread.count;
      thread.gapAt = thread.count;
      const open = openTurns(thread);
      for (const turn of open) setRunning(turn, { incomplete: true }, () => true);
      const turnId = open.at(-1)?.facts.id ?? null;
      const gap = { since, duration, recovered: false, turnId };
      set(thread, { gaps: [...thread.facts.gaps, gap].slice(-32) });
    },
    view: () => toThreadView(thread, freeze),
  };
}
