import type { Observable } from 'rxjs';
import type { AppServerStream } from '../app-server/index.js';
import type { Incoming, Outgoing } from '../protocol/index.js';
import type { TurnView } from './thread-view.js';

/** What a turn is doing, or what it did last, once it is over. */
export type TurnActivity =
  /** It was not sent yet: another turn runs, or the stream is not connected. */
  | 'queued'
  | 'running'
  /** A request is open: nothing goes on until somebody answers it. */
  | 'waiting'
  /** Nothing was heard of it for `quiet`, and it runs no tool; the server says that it goes on. */
  | 'stalled';

/** A turn as it goes on. Its `id` is empty as long as it is not known. */
export interface TurnProgress extends TurnView {
  readonly activity: TurnActivity;
  /** How it ended; `null` before. */
  readonly outcome: TurnOutcome | null;
}

/**
 * How it is known that a turn is over:
 * - `event`: its `turn/completed` came;
 * - `reconciled`: the server was asked, after an `idle` or a long silence;
 * - `gap`: the server was asked after a gap;
 * - `timeout`: the `limit` of the caller passed, and the turn may go on;
 * - `send`: the message was not sent, or its delivery is not known: see `delivered`;
 * - `closed`: the stream was closed, and the turn may go on.
 */
export type TurnEvidence = 'event' | 'reconciled' | 'gap' | 'timeout' | 'send' | 'closed';

/** How a turn has ended, and how that is known. */
export interface TurnOutcome {
  /** `incomplete`: its end is not known, or the message was not delivered. */
  readonly status: 'completed' | 'interrupted' | 'failed' | 'incomplete';
  readonly by: TurnEvidence;
  /**
   * Whether that is certain. A turn that codex-manager reads as completed may have failed; of one
   * that is incomplete it says whether the message was surely not delivered.
   */
  readonly certain: boolean;
  /**
   * Whether the agent has got the message; `null`: that is not known. codex-manager does not tell,
   * nor do versions of Codex that do not name the client of a message.
   */
  readonly delivered: boolean | null;
  /** Why it failed, or why its end is not known. */
  readonly error: Incoming.TurnError | Error | null;
}

/** A turn that is watched. It is not started, repeated or ended by being subscribed to. */
export interface WatchedTurn {
  readonly threadId: string;
  /** `null` until it is known. */
  readonly turnId: string | null;
  /** The turn now, and whenever it changes; completes with its end. Replays the latest. */
  readonly view$: Observable<TurnProgress>;
  /** Resolves when it is over. Never rejects. */
  readonly ended: Promise<TurnOutcome>;
  /**
   * The last message of the agent that was completed; `null` if there is none. Of a message that
   * joined a turn which ran already: the last one behind it, where the server names the client of a
   * message. Never rejects.
   */
  readonly answer: Promise<string | null>;
  /**
   * Interrupts it, or withdraws a message that was not sent yet. Resolves with whether the server
   * has taken it; `ended` says what came of it. Never rejects.
   */
  interrupt(): Promise<boolean>;
}

/** A turn that this process has started. */
export interface Turn extends WatchedTurn {
  /**
   * Adds a message to the turn as it runs. Resolves when it is known whether the agent has got it.
   * Never rejects.
   *
   * @throws TypeError that names what the source cannot carry.
   */
  steer(input: TurnInput): Promise<SteerResult>;
}

/** What became of a message that was added to a turn. */
export type SteerResult = Pick<TurnOutcome, 'delivered' | 'error'>;

/** A text, or parts of a message. codex-manager takes text only. */
export type TurnInput = string | readonly Outgoing.UserInput[];

/** The options of `watchTurn`. */
export interface WatchTurnOptions {
  /**
   * After how long a silence the server is asked whether the turn goes on, in ms, and again after
   * each further one. Not while a request of the turn is open.
   *
   * @default 30_000
   */
  readonly quiet?: number;
  /**
   * How long it may take in all, in ms. Then it is `incomplete`; it is not interrupted.
   *
   * @default without end
   */
  readonly limit?: number;
}

/** The options of `startTurn`. */
export interface StartTurnOptions extends WatchTurnOptions {
  /**
   * What happens while another turn of the thread runs, no matter which client started it:
   * - `reject`: the message is not sent;
   * - `steer`: it is added to that turn;
   * - `queue`: it waits for the end of that turn, in order, among at most 8 of this process.
   *
   * @default 'reject'
   */
  readonly whenBusy?: 'reject' | 'steer' | 'queue';
}

/** What a turn on codex-manager may be started with. */
export interface ManagerTurnParams {
  readonly model?: string;
  readonly effort?: string;
  readonly approvalPolicy?: string;
  readonly networkAccess?: string;
  readonly filesystemSandbox?: string;
}

/** What a turn is started with, given the stream. */
export type TurnParams<Stream> = {
  readonly threadId: string;
  readonly input: TurnInput;
} & (Stream extends Pick<AppServerStream, 'server' | 'drift'>
  ? Omit<Outgoing.TurnStartParams, 'threadId' | 'input'>
  : ManagerTurnParams);

/**
 * Why a message was not sent:
 * - `busy`: another turn of the thread runs;
 * - `full`: as many messages wait already as may;
 * - `withdrawn`: it was interrupted as it waited.
 */
export type TurnFault = 'busy' | 'full' | 'withdrawn';

/** A message that was not sent. */
export class TurnError extends Error {
  override readonly name = 'TurnError';

  constructor(
    readonly kind: TurnFault,
    readonly threadId: string,
    message: string,
  ) {
    super(message);
  }
}
