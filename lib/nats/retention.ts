import { catchError, concatMap, defer, EMPTY, filter, timer, type Observable } from 'rxjs';
import type { Shared } from './setup.js';
import type { Names } from './subjects.js';

/** How often it is looked, in ms. */
const interval = 60_000;

/** How far a group is in a partition. */
export interface Progress {
  /** Up to where it had what there was, before the first event of this connection; 0: unknown. */
  readonly began: number;
  /**
   * Up to where it has what there is.
   *
   * @param last The last sequence of the stream: this, if all of the partition is handled.
   */
  floor(last: number): Promise<number>;
}

/**
 * Emits when the server may have removed events before the group got them. The numbers of events
 * say nothing of it: those of other partitions lie between them.
 */
export function removals(
  { jsm }: Shared,
  names: Names,
  progresses: readonly Progress[],
): Observable<unknown> {
  const floors = progresses.map(() => 0);
  // The first event of this connection moves the floor over what was removed.
  let before: readonly number[] | null = progresses.map(({ began }) => began);
  const isOvertaken = async (): Promise<boolean> => {
    // First: what is last now is handled if nothing is pending then.
    const { state } = await jsm.streams.info(names.stream);
    let overtaken = false;
    for (const [index, progress] of progresses.entries()) {
      const floor = Math.max(floors[index] ?? 0, await progress.floor(state.last_seq));
      const known = before ? (before[index] ?? 0) : floor;
      const isBehind = known > 0 && state.first_seq > known + 1;
      overtaken ||= isBehind;
      floors[index] = Math.max(floor, isBehind ? state.first_seq - 1 : 0);
    }
    before = null;
    return overtaken;
  };
  return timer(0, interval).pipe(
    concatMap(() => defer(isOvertaken).pipe(catchError(() => EMPTY))),
    filter(Boolean),
  );
}
