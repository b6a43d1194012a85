import type { Loose } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import type { Text } from './text.js';
import type { ItemView, TurnPlan, TurnView } from './thread-view.js';

/** How far an item has come. It only goes forward. */
export type Phase = 'placeholder' | 'started' | 'completed';

/** An item as it is built: mutable and private. */
export interface ItemNode {
  readonly id: string;
  readonly turn: TurnNode;
  kind: string | null;
  phase: Phase;
  /** The item of the protocol, as it came last. */
  item: Loose;
  /** Its text; of reasoning one for each summary. */
  texts: Text[];
  /** The raw text of reasoning. */
  content: Text[];
  revision: number;
  incomplete: boolean;
  abandoned: boolean;
  progress: string | null;
  /** Its place in the turn. */
  index: number;
  /** The count of the event that named it first; 0 if a snapshot did. */
  heardAt: number;
  /** The last view made of it; `null` when it has changed since. */
  view: ItemView | null;
}

/** A turn as it is built: mutable and private. */
export interface TurnNode {
  readonly id: string;
  nodes: ItemNode[];
  status: string;
  /** Whether the end was an event: what a snapshot says may be corrected by it. */
  endedByEvent: boolean;
  /** A turn that was open without an item when another one ended. */
  hidden: boolean;
  error: Incoming.TurnError | null;
  retrying: Incoming.TurnError | null;
  plan: TurnPlan | null;
  diff: string | null;
  usage: Incoming.TokenUsageBreakdown | null;
  startedAtMs: number | null;
  completedAtMs: number | null;
  /** The count of the event that named it first; 0 if a snapshot did. */
  heardAt: number;
  /** Its place among the turns that are shown. */
  index: number;
  /** Nodes whose view is out of date; `null` if the order is, and all are looked at. */
  dirty: ItemNode[] | null;
  items: readonly ItemView[];
  view: TurnView | null;
}
