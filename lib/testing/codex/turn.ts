import type { CodexTurn } from './thread.js';
import { said, type CodexVersion } from './version.js';
import type { FakeAnswer } from './answer.js';

/** A turn of a fake server, from the side of the model: a test decides what happens in it. */
export interface FakeTurn {
  readonly threadId: string;
  readonly turnId: string;
  /** What the user said. */
  readonly text: string;
  /** Aborts when the turn ends, however: completed, interrupted, or lost with its server. */
  readonly signal: AbortSignal;
  /** Sends a notification. The ids of the thread and the turn are added where they are missing. */
  notify(method: string, params?: object): void;
  /** Sends a message of the model as it is streamed: begun, a delta for each word, completed. */
  say(text: string): void;
  /**
   * Sends a server request. The ids of the thread and the turn are added where they are missing.
   * Resolves with the first answer of any client; never, if the turn ends before.
   */
  request(method: string, params?: object): Promise<FakeAnswer>;
  /** Ends the turn. */
  complete(): void;
  /**
   * Ends the turn with an error.
   *
   * @param codexErrorInfo What kind of error it is. Default: `other`.
   */
  fail(message: string, codexErrorInfo?: unknown): void;
}

/**
 * What the model does in each turn that a client starts. When the script is done, the turn is
 * completed; if it fails, so does the turn. Calls after the end of the turn are ignored.
 *
 * @example
 * const turn: TurnScript = async (turn) => {
 *   turn.say('I will look.');
 *   await turn.request('item/commandExecution/requestApproval', { itemId: 'c', command: 'ls' });
 *   turn.say('Nothing there.');
 * };
 */
export type TurnScript = (turn: FakeTurn) => void | PromiseLike<void>;

/** The part of a fake Codex that a turn uses. */
export interface TurnActions {
  readonly notify: (threadId: string, method: string, params: object) => void;
  readonly request: (threadId: string, method: string, params: object) => Promise<FakeAnswer>;
  /** Ends a turn; does nothing if it is over. */
  readonly end: (turn: CodexTurn, status: string, error?: unknown) => void;
}

export function createFakeTurn(
  turn: CodexTurn,
  version: CodexVersion,
  { notify, request, end }: TurnActions,
): FakeTurn {
  const { id: turnId, threadId, text } = turn;
  const { signal } = turn.end;
  const ids = { threadId, turnId };
  let messages = 0;
  return {
    ...ids,
    text,
    signal,
    notify(method, params = {}) {
      if (!signal.aborted) notify(threadId, method, { ...ids, ...params });
    },
    say(text) {
      if (signal.aborted) return;
      const itemId = `${turnId}-message-${++messages}`;
      for (const [method, params] of said(version, turn, itemId, text)) {
        notify(threadId, method, params);
      }
    },
    request: (method, params = {}) =>
      signal.aborted ? never : request(threadId, method, { ...ids, ...params }),
    complete() {
      end(turn, 'completed');
    },
    fail(message, codexErrorInfo = 'other') {
      end(turn, 'failed', version.failure(message, codexErrorInfo));
    },
  };
}

const never = new Promise<never>(() => undefined);

/** Lets a script play a turn to its end. It begins after the current task, such as a reply. */
export function playTurn(turn: FakeTurn, script: TurnScript): void {
  void Promise.resolve(turn)
    .then(script)
    .then(
      () => {
        turn.complete();
      },
      (error: unknown) => {
        turn.fail(error instanceof Error ? error.message : String(error));
      },
    );
}
