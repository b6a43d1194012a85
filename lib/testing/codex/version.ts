import type { CodexThread, CodexTurn, Members } from './thread.js';

/** A notification: its method and its parameters. */
export type Told = readonly [method: string, params: Members];

/** What differs between the versions of Codex that were measured: shapes, and the order of events. */
export interface CodexVersion {
  /**
   * @param withTurns Whether its turns are told, too.
   * @param waiting The items that wait for an approval.
   */
  thread(thread: CodexThread, withTurns?: boolean, waiting?: ReadonlySet<unknown>): Members;
  turn(turn: CodexTurn): Members;
  /** What tells that there is a new thread. */
  created(thread: CodexThread): readonly Told[];
  /** What tells that a turn has begun. */
  begun(turn: CodexTurn): readonly Told[];
  /** What tells that a turn is over: its status and its error are set. */
  ended(turn: CodexTurn, thread: CodexThread): readonly Told[];
  /** What tells of a message of the model. */
  said(turn: CodexTurn, itemId: string, text: string): readonly Told[];
  /** The error of a turn that failed. */
  failure(message: string, codexErrorInfo: unknown): Members;
  /** What a turn that ran when its Codex ended is said to be. */
  readonly lost: string;
}

export const active = (activeFlags: readonly string[] = []): Members => ({
  type: 'active',
  activeFlags,
});

export const statusOf = (threadId: string, status: object): Told => [
  'thread/status/changed',
  { threadId, status },
];

/** The pieces that a model streams a text in. */
export const piecesOf = (text: string): readonly string[] => text.match(/\s*\S+\s*/g) ?? [text];

/** In seconds. */
export const seconds = (ms: number): number => Math.floor(ms / 1_000);

export const userContent = (text: string): readonly Members[] => [
  { type: 'text', text, text_elements: [] },
];
