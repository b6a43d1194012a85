import { catchError, map, of, throwError, type Observable } from 'rxjs';
import { mustBe, mustBeKnown } from '../options/index.js';
import type { Ask, CodexStream } from '../stream/index.js';
import { snapshotOfThread } from './snapshot-of.js';
import type { ThreadSnapshot } from './snapshot.js';
import { askOf, sessionPath, stateSource, threadOf, type StateSource } from './sources.js';
import type { TurnInput } from './turn.js';

/** A message as its source carries it. */
export type Message = object;

/** What turns need of a source. */
export interface TurnSource extends StateSource {
  /** Whether messages are named by who sends them, so that their delivery can be proven. */
  readonly namesClients: boolean;
  /** Whether a turn that failed reads as failed. */
  readonly readsFailures: boolean;
  /** @throws TypeError that names what it cannot carry. */
  message(input: TurnInput, params: object): Message;
  /** What is to be known before a message is sent; events of the thread follow from then on. */
  look(threadId: string): Observable<ThreadSnapshot>;
  /** Starts a turn: emits its id, which may be that of a turn that runs, or of none. */
  start(threadId: string, message: Message, clientId: string | null): Observable<string>;
  /** Adds a message to the turn that runs: emits its id. */
  steer(
    threadId: string,
    turnId: string,
    message: Message,
    clientId: string | null,
  ): Observable<string>;
  /** Whether a message that is sent while a turn runs is added to that. */
  readonly merges: boolean;
  interrupt(threadId: string, turnId: string): Observable<unknown>;
  /** Whether the server may have got a message that was sent with this error. */
  isUnknown(error: unknown): boolean;
}

/** @throws TypeError if the stream comes from neither source. */
export function turnSource(stream: CodexStream): TurnSource {
  const source = stateSource(stream);
  const asks = askOf(stream);
  return 'call' in stream ? appServerTurns(source, asks) : managerTurns(source, asks);
}

const turnIdOf = (result: unknown): string => {
  const { turn, turnId } = result as { turn?: { id: string }; turnId?: string };
  return turn?.id ?? String(turnId);
};

const appServerTurns = (source: StateSource, ask: Ask): TurnSource => ({
  ...source,
  namesClients: true,
  readsFailures: true,
  merges: true,
  message: (input, params) => ({
    ...params,
    input: typeof input === 'string' ? [{ type: 'text', text: input, text_elements: [] }] : input,
  }),
  look: (threadId) =>
    source.followThread(threadId).pipe(
      map((result) => snapshotOfThread(threadOf(result))),
      // A thread without a turn is stored nowhere, and idle; of one that is unknown the send fails.
      catchError((error: unknown) =>
        isRefused(error) ? of({ turns: [] }) : throwError(() => error as Error),
      ),
    ),
  start: (threadId, message, clientUserMessageId) =>
    ask('turn/start', { clientUserMessageId, ...message, threadId }).pipe(map(turnIdOf)),
  steer: (threadId, expectedTurnId, { input }: { input?: unknown }, clientUserMessageId) =>
    ask('turn/steer', { threadId, expectedTurnId, input, clientUserMessageId }).pipe(map(turnIdOf)),
  interrupt: (threadId, turnId) => ask('turn/interrupt', { threadId, turnId }),
  isUnknown: (error) => (Object(error) as { outcomeUnknown?: unknown }).outcomeUnknown === true,
});

/** Whether a server has answered with an error. */
export const isRefused = (error: unknown): boolean =>
  (Object(error) as { kind?: unknown }).kind === 'refused';

const managerOptions = ['model', 'effort', 'approvalPolicy', 'networkAccess', 'filesystemSandbox'];

const managerTurns = (source: StateSource, ask: Ask): TurnSource => ({
  ...source,
  namesClients: false,
  readsFailures: false,
  merges: false,
  message(input, params) {
    mustBeKnown('', params, managerOptions);
    return { ...params, text: textOf(input) };
  },
  look: (threadId) => source.readSnapshot(threadId),
  start: (threadId, message) =>
    ask(`${sessionPath(threadId)}/messages`, message).pipe(map(turnIdOf)),
  steer: (threadId, turnId, { text }: { text?: unknown }) =>
    ask(`${sessionPath(threadId)}/turns/${encodeURIComponent(turnId)}/steer`, { input: text }).pipe(
      map(() => turnId),
    ),
  interrupt: (threadId, turnId) => ask(`${sessionPath(threadId)}/interrupt`, { turnId }),
  isUnknown(error) {
    // No answer, one that cannot be read, or that of a server in between.
    const { kind, status = 0 } = Object(error) as { kind?: unknown; status?: number };
    return kind !== 'refused' || status > 501;
  },
});

function textOf(input: TurnInput): string {
  if (typeof input === 'string') return input;
  return input
    .map((part) => {
      mustBe(part.type === 'text', 'input', 'text on codex-manager', part.type);
      return (part as { readonly text: string }).text;
    })
    .join('\n');
}

/** Names a message, so that it can be found again. */
export const newId = (): string => `codex-rx-${digits()}${digits()}`;

const digits = (): string => Math.random().toString(36).slice(2);
