import { catchError, concatMap, defer, EMPTY, filter, timer, type Observable } from 'rxjs';
import type { DurableConsumer } from './consumers.js';
import type { Shared } from './setup.js';
import type { Names } from './subjects.js';

/** How often it is looked, in ms. */
const interval = 60_000;

/**
 * Emits when the server may have removed events before the group got them. The numbers of events
 * say nothing of it: those of other partitions lie between them.
 */
export function removals(
  { jsm }: Shared,
  names: Names,
  consumers: readonly DurableConsumer[],
): Observable<unknown> {
  /** Up to where the group has what there was, for each partition. */
  const floors = consumers.map(() => 0);
  /** The same before the first event of this connection, which moves it over what was removed. */
  let before: readonly number[] | null = consumers.map(({ info }) =>
    info.num_pending + info.num_ack_pending > 0 ? info.ack_floor.stream_seq : 0,
  );
  const isOvertaken = async (): Promise<boolean> => {
    // First: what is last now is handled if nothing is pending then.
    const { state } = await jsm.streams.info(names.stream);
    let overtaken = false;
    for (const [index, { consumer }] of consumers.entries()) {
      const { ack_floor, num_pending, num_ack_pending } = await consumer.info();
      const isDone = num_pending + num_ack_pending === 0;
      const floor = Math.max(floors[index] ?? 0, isDone ? state.last_seq : ack_floor.stream_seq);
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
