import { isSpoken } from './item-node.js';
import type { SnapshotTurn } from './snapshot.js';
import type { TurnView } from './thread-view.js';
import type { TurnEvidence, TurnOutcome } from './turn.js';

/** Whether a command or a tool runs, which may be silent for long. */
export const isWorking = (turn: TurnView | undefined): boolean =>
  turn?.items.some(
    (item) => item.state === 'running' && item.kind !== 'userMessage' && !isSpoken(item),
  ) ?? false;

/** The final message of a turn, or the last one, behind the message of a client. */
export function answerOf(turn: TurnView | undefined, clientId: string | null): string | null {
  const items = turn?.items ?? [];
  const start = items.findIndex(
    (item) => item.kind === 'userMessage' && clientId !== null && item.clientId === clientId,
  );
  const messages = items
    .slice(start + 1)
    .filter((item) => item.kind === 'agentMessage')
    .filter(({ state }) => state === 'completed');
  const final = messages.filter(({ phase }) => phase === 'final_answer');
  return (final.at(-1) ?? messages.at(-1))?.text ?? null;
}

/**
 * How a turn ended that a server was asked about. codex-manager reads a turn that failed as completed:
 * there it is completed if it has said something, and no error was heard.
 */
export function readStatus(
  turn: SnapshotTurn,
  heard: TurnView | undefined,
  readsFailures: boolean,
): { readonly status: string; readonly certain: boolean } {
  if (readsFailures || turn.status !== 'completed') return { status: turn.status, certain: true };
  if (heard?.error) return { status: 'failed', certain: false };
  const hasAnswer = turn.items.some(({ type }) => type === 'agentMessage');
  return { status: hasAnswer ? 'completed' : 'incomplete', certain: false };
}

const ends: readonly string[] = ['completed', 'interrupted', 'failed'];

/** The outcome of a turn whose status is known, or is not. */
export function outcomeOf(
  status: string,
  by: TurnEvidence,
  facts: Pick<TurnOutcome, 'delivered' | 'error'> & { readonly certain?: boolean },
): TurnOutcome {
  const { delivered, error } = facts;
  const isKnown = delivered !== false && ends.includes(status);
  return {
    status: isKnown ? (status as TurnOutcome['status']) : 'incomplete',
    by,
    certain: facts.certain ?? (isKnown || delivered === false),
    delivered,
    error,
  };
}
