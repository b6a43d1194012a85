import { catchError, endWith, filter, firstValueFrom, map, of, switchMap, take } from 'rxjs';
import type { TurnFollower } from './turn-follower.js';
import { newId, type Message, type TurnSource } from './turn-source.js';
import type { SteerResult } from './turn.js';

/**
 * Adds a message to a turn as it runs. What the server accepts may still be lost: it is delivered
 * when it is in the turn.
 */
export function steerTurn(
  source: TurnSource,
  follower: TurnFollower,
  message: Message,
): Promise<SteerResult> {
  const { turn, tracker, changes$, known$ } = follower;
  const id = source.namesClients ? newId() : null;

  const result$ = known$.pipe(
    switchMap((turnId) =>
      source.steer(turn.threadId, turnId, message, id).pipe(
        // It may be there although there was no answer.
        catchError((error: unknown) => {
          if (id !== null && source.isUnknown(error)) return of(null);
          throw error;
        }),
      ),
    ),
    // As soon as it is there; or when the turn is over.
    switchMap(() =>
      changes$.pipe(
        filter(() => id === null || tracker.delivered(id) !== false),
        endWith(undefined),
      ),
    ),
    take(1),
    map((): SteerResult => ({ delivered: follower.hasGot(id), error: null })),
    catchError((error: unknown) =>
      of({ delivered: source.isUnknown(error) ? null : false, error: error as Error }),
    ),
  );
  return firstValueFrom(result$, { defaultValue: { delivered: false, error: null } });
}
