import type { Envelope } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import type { ProtocolItem } from './thread-view.js';

/** A thread as its server stores it. */
export interface ThreadSnapshot {
  readonly status?: Incoming.ThreadStatus | null;
  readonly name?: string | null;
  readonly parentId?: string | null;
  /** The oldest first. */
  readonly turns: readonly SnapshotTurn[];
  /** Whether turns that it lacks are gone, as after `thread/revert`. Default: false. */
  readonly replaces?: boolean;
  /** Whether the server began anew, so that nothing that it does not list still runs. Default: false. */
  readonly restarted?: boolean;
  /** What was logged of the turn that runs. */
  readonly events?: readonly NumberedEvent[];
}

/** An event, and its number in the log of a gateway. */
export interface NumberedEvent {
  readonly seq: number;
  readonly event: Envelope;
}

/** A turn as its server stores it. */
export interface SnapshotTurn {
  readonly id: string;
  readonly status: string;
  readonly error?: Incoming.TurnError | null;
  readonly startedAtMs?: number | null;
  readonly completedAtMs?: number | null;
  /** Completed items, and those whose `status` is `inProgress`. */
  readonly items: readonly ProtocolItem[];
}
