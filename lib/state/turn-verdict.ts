import type { ThreadSnapshot } from './snapshot.js';
import type { TurnView } from './thread-view.js';
import { isOpen } from './turn-tracker.js';
import { readStatus } from './turn-view.js';

/** How long a `turn/completed` may be behind the `idle` of its thread, in ms. */
export const grace = 1_000;

/** How a turn has ended, or after what time to read again; `null`: it goes on. */
export type Verdict =
  | { readonly status: string; readonly certain?: boolean }
  | { readonly again: number; readonly isSecond: boolean }
  | null;

/** Whether the last turn may have just begun: a server reads it as interrupted then, for a moment. */
export const isDoubtful = ({ status, turns }: ThreadSnapshot): boolean =>
  status?.type === 'active' && turns.at(-1)?.status === 'interrupted';

/**
 * What a snapshot says of a turn.
 *
 * @param isSecond Whether the one before it has found nothing, or was in doubt.
 */
export function verdictOf(
  snapshot: ThreadSnapshot,
  turnId: string | null,
  heard: TurnView | undefined,
  {
    readsFailures,
    quiet,
    isSecond,
  }: Readonly<Record<'readsFailures' | 'isSecond', boolean>> & {
    readonly quiet: number;
  },
): Verdict {
  const { turns, status } = snapshot;
  const turn = turns.find(({ id }) => id === turnId);
  if (turn === turns.at(-1) && isDoubtful(snapshot) && !isSecond)
    return { again: grace, isSecond: true };
  if (turn && !isOpen(turn)) return readStatus(turn, heard, readsFailures);
  // It goes on. A message that is nowhere yet may still come.
  if (status?.type === 'active') return turnId === null ? { again: quiet, isSecond: false } : null;
  return isSecond ? { status: 'incomplete' } : { again: grace, isSecond: true };
}
