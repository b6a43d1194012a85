import {
  catchError,
  defer,
  endWith,
  filter,
  firstValueFrom,
  map,
  of,
  switchMap,
  take,
  throwError,
  type Observable,
} from 'rxjs';
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
  const { turn, tracker, changes$ } = follower;
  const id = source.namesClients ? newId() : null;

  const accepted$ = defer(() =>
    source.steer(turn.threadId, turn.turnId as string, message, id),
  ).pipe(
    // It may be there all the same.
    catchError((error: unknown) =>
      id !== null && source.isUnknown(error) ? of(null) : throwError(() => error as Error),
    ),
  );
  const result$: Observable<SteerResult> = changes$.pipe(
    filter(() => turn.turnId !== null && !follower.outcome),
    take(1),
    switchMap(() => accepted$),
    // As soon as it is there; or when the turn is over.
    switchMap(() =>
      changes$.pipe(
        filter(() => id === null || tracker.delivered(id) !== false),
        endWith(undefined),
      ),
    ),
    take(1),
    map(() => ({ delivered: follower.hasGot(id), error: null })),
    catchError((error: unknown) =>
      of({ delivered: source.isUnknown(error) ? null : false, error: error as Error }),
    ),
  );
  return firstValueFrom(result$, { defaultValue: { delivered: false, error: null } });
}
