import type { Incoming } from '../protocol/index.js';

/** An item as the protocol has it, of a kind that this version may not list. */
export type ProtocolItem = Incoming.ThreadItem;

/** What is known of one thread. Immutable: what has not changed keeps its reference. */
export interface ThreadView {
  readonly id: string;
  readonly status: Incoming.ThreadStatus | null;
  readonly name: string | null;
  readonly parentId: string | null;
  /** The oldest first. */
  readonly turns: readonly TurnView[];
  readonly usage: Incoming.ThreadTokenUsage | null;
  /** The sub-agents that items of this thread name. */
  readonly children: readonly ChildLink[];
  /** The times for which nothing was heard, the last 32. */
  readonly gaps: readonly GapRecord[];
  /** What broke the order of the protocol. It is counted, and harms nothing. */
  readonly anomalies: Anomalies;
}

/** A sub-agent, and the item of its parent that names it. */
export interface ChildLink {
  readonly threadId: string;
  readonly itemId: string;
  readonly path: string | null;
}

/** A time for which nothing was heard of a thread. */
export interface GapRecord {
  /** When the last frame before it came: milliseconds since the epoch; `null` if unknown. */
  readonly since: number | null;
  /** How long it lasted, in milliseconds; `null` if unknown. */
  readonly duration: number | null;
  /** Whether a snapshot was merged since. */
  readonly recovered: boolean;
  /** The turn that ran when it began. */
  readonly turnId: string | null;
}

/** How often each of them was seen. */
export type Anomalies = Readonly<Record<Anomaly, number>>;

/** What breaks the order of the protocol, by its name. */
export type Anomaly =
  'orphanDeltas' | 'lateDeltas' | 'reopened' | 'repeatedCompletions' | 'phantomTurns';

/** One turn of a thread, with its items. */
export interface TurnView {
  readonly id: string;
  readonly status: 'inProgress' | 'completed' | 'interrupted' | 'failed' | (string & {});
  readonly items: readonly ItemView[];
  readonly error: Incoming.TurnError | null;
  /** Why the model is asked again; `null` once the turn goes on. */
  readonly retrying: Incoming.TurnError | null;
  readonly plan: TurnPlan | null;
  readonly diff: string | null;
  /** What the last step of the model used. */
  readonly usage: Incoming.TokenUsageBreakdown | null;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
}

/** The plan of a turn, as the agent has written it last. */
export interface TurnPlan {
  readonly explanation: string | null;
  readonly steps: readonly Incoming.TurnPlanStep[];
}

/** What every item has. */
export interface ItemBase {
  readonly id: string;
  /** `abandoned`: its turn ended without it, and no server stores it. */
  readonly state: 'running' | 'completed' | 'abandoned';
  /** Whether its beginning, or something of it, was not heard. */
  readonly incomplete: boolean;
  /** What it says, or the output of a command; empty where there is none. Joined on first read. */
  readonly text: string;
  /** Under one revision, `text` only gets longer and what was shown stays. */
  readonly revision: number;
  /** The length of `text`, known without joining it. */
  readonly length: number;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
}

/** One item of a turn, discriminated by `kind`. */
export type ItemView =
  | (ItemBase & { readonly kind: 'agentMessage'; readonly phase: string | null })
  | (ItemBase & { readonly kind: 'plan' })
  | (ItemBase & {
      /** Its `text`: the summaries, joined by an empty line. */
      readonly kind: 'reasoning';
      readonly summary: readonly string[];
      readonly content: readonly string[];
    })
  | (ItemBase & {
      readonly kind: 'commandExecution';
      readonly command: string;
      readonly cwd: string;
      readonly exitCode: number | null;
      readonly durationMs: number | null;
      /** The protocol's `status`: `inProgress`, `completed`, `failed` or `declined`. */
      readonly outcome: string;
      readonly processId: string | null;
    })
  | (ItemBase & {
      readonly kind: 'fileChange';
      readonly changes: readonly Incoming.FileUpdateChange[];
      readonly outcome: string;
    })
  | (ItemBase & {
      readonly kind: 'userMessage';
      readonly content: readonly Incoming.UserInput[];
      readonly clientId: string | null;
    })
  | (ItemBase & {
      readonly kind: 'mcpToolCall' | 'dynamicToolCall' | 'collabAgentToolCall' | 'subAgentActivity';
      readonly item: ProtocolItem;
      readonly progress: string | null;
    })
  /** An item that only later events have named: it is known when it completes. */
  | (ItemBase & { readonly kind: 'placeholder'; readonly itemKind: string | null })
  /** A kind without a view of its own: the item as it came. */
  | (ItemBase & { readonly kind: 'other'; readonly item: ProtocolItem });

/** The kinds of items; `other` is every kind without a view of its own. */
export type ItemKind = ItemView['kind'];

/** The item views of a kind. */
export type ItemOf<Kind extends ItemKind> = Extract<ItemView, { readonly kind: Kind }>;
