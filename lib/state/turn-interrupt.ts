import { catchError, firstValueFrom, map, of, switchMap, type Observable } from 'rxjs';
import type { TurnSource } from './turn-source.js';

/**
 * Interrupts a turn once its id is known.
 *
 * @returns Whether the server has taken the interruption; `false` also where no id becomes known.
 */
export function interruptTurn(
  source: TurnSource,
  threadId: string,
  turnId$: Observable<string>,
): Promise<boolean> {
  const taken$ = turnId$.pipe(
    switchMap((turnId) => source.interrupt(threadId, turnId)),
    map(() => true),
    catchError(() => of(false)),
  );
  return firstValueFrom(taken$, { defaultValue: false });
}
