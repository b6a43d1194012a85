import type { NatsConnection } from '@nats-io/nats-core';
import { catchError, defer, EMPTY, exhaustMap, merge, Subject, Subscription, timer } from 'rxjs';
import { beginCheckpoints, uncovered } from './checkpoints.js';
import { connectedOf, flushed } from './connected.js';
import { viewGroup } from './group-view.js';
import { holdLease, isRefusal, takeLease, type HeldLease } from './lease.js';
import { readLeased } from './leased-partition.js';
import type { Reading, ReadingHost } from './reading.js';
import { findLeases } from './setup.js';

/** A partition that this worker leases. */
interface Owned {
  /** Gives it back when its handler has ended. */
  readonly leave: () => Promise<void>;
  readonly abandon: () => void;
  isLeaving: boolean;
}

/**
 * Mode `leased`: each worker leases its share of the partitions, as workers come and go.
 *
 * @param id Of this worker, over all its connections.
 */
export async function leasedReading(
  nc: NatsConnection,
  host: ReadingHost,
  id: string,
): Promise<Reading> {
  const { settings, partitions, life } = host;
  const { bucket, ttl } = await findLeases(nc, settings.names);
  const difference = await beginCheckpoints(host);
  const keys = settings.names.leases(settings.group);
  const owned = new Map<number, Owned>();
  const overtaken = new Subject<unknown>();
  const living = new Subscription();

  /** Whether it is leased now. */
  async function lease(number: number): Promise<boolean> {
    const key = keys.partition + String(number);
    const place = { bucket, key, id, ttl, connected$: connectedOf(nc) };
    const term = await takeLease(place).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return null;
    });
    if (term === null) return false;
    const leasing = new Subscription();
    leasing.add(
      holdLease(place, term).subscribe((change) => {
        if (change.holder === 'me') owned.set(number, own(number, change, leasing));
        else owned.get(number)?.abandon();
      }),
    );
    // Given back at once.
    if (life.closed) void owned.get(number)?.leave();
    return true;
  }

  function own(number: number, held: HeldLease, leasing: Subscription): Owned {
    const end = (): void => {
      leasing.unsubscribe();
      if (owned.get(number) === one) owned.delete(number);
    };
    const one: Owned = {
      isLeaving: false,
      async leave() {
        one.isLeaving = true;
        await partition.leave();
        end();
      },
      abandon() {
        held.abandon();
        partition.abandon();
        end();
      },
    };
    const partition = readLeased(
      {
        ...host,
        overtaken() {
          overtaken.next(number);
        },
        lost: one.abandon,
      },
      number,
      held,
    );
    return one;
  }

  async function start(): Promise<void> {
    const worker = keys.worker + id;
    const isLiving = (): Promise<number> => bucket.put(worker, id);
    await isLiving();
    const view = await viewGroup(bucket, ttl, keys, id, host.fail);
    life.add(view.stop);
    living.add(
      timer(ttl / 3, ttl / 3)
        .pipe(exhaustMap(() => defer(isLiving).pipe(catchError(() => EMPTY))))
        .subscribe(view.lived),
    );
    living.add(() => void bucket.delete(worker).catch(() => undefined));

    async function balance(): Promise<void> {
      const { count, first } = view.share(partitions);
      const distance = (number: number): number => (number - first + partitions) % partitions;
      const kept = [...owned].filter(([, { isLeaving }]) => !isLeaving);
      kept.sort(([a], [b]) => distance(a) - distance(b));
      for (const [, one] of kept.slice(count)) void one.leave();
      let missing = count - kept.length;
      for (let n = 0; n < partitions && missing > 0 && !life.closed; n++) {
        const number = (first + n) % partitions;
        if (owned.has(number) || !view.isFree(number)) continue;
        if (await lease(number)) missing--;
      }
    }

    // After a moment: of workers that start together, each has seen the others then.
    life.add(
      merge(timer(ttl / 10, ttl / 10), view.changed$)
        .pipe(exhaustMap(() => defer(balance).pipe(catchError(() => EMPTY))))
        .subscribe(),
    );
  }

  return {
    difference,
    overtaken$: overtaken,
    lag: async () => ({ pending: await uncovered(host), unacknowledged: 0 }),
    start,
    async leave() {
      living.unsubscribe();
      await Promise.all([...owned.values()].map((one) => one.leave()));
      await flushed(nc);
    },
    abandon() {
      living.unsubscribe();
      for (const one of [...owned.values()]) one.abandon();
    },
  };
}
