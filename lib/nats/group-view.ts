import type { KV } from '@nats-io/kv';
import { Subject, type Observable } from 'rxjs';
import { ticks } from '../async/index.js';
import type { Names } from './subjects.js';

/** What a worker sees of its group: who lives, and what is leased. */
export interface GroupView {
  /** Emits when a worker has come or gone, or a lease was given back. No expiry is announced. */
  readonly changed$: Observable<unknown>;
  /** How many of so many partitions this worker shall have, and which it prefers. */
  share(partitions: number): { readonly count: number; readonly first: number };
  /** Whether no worker is known to lease a partition. */
  isFree(partition: number): boolean;
  /** The server has taken a sign of life of this worker, which it sees too unless it is blind. */
  readonly lived: () => void;
  readonly stop: () => void;
}

const blind = 'the leases are not seen any more';

/** How many signs of life in a row may be unheard. The client would wait for a minute. */
const mostUnheard = 3;

/**
 * Watches the leases of a group. Each lease that is renewed is seen; what is seen no more for its
 * time to live has expired. No clocks of two machines are compared.
 *
 * @param id Of this worker.
 * @param ended Called when nothing is seen any more.
 */
export async function viewGroup(
  bucket: KV,
  ttl: number,
  names: ReturnType<Names['leases']>,
  id: string,
  ended: (error: unknown) => void,
): Promise<GroupView> {
  const seen = new Map<string, number>();
  const changed = new Subject<unknown>();
  const isSeen = (key: string): boolean => ticks() - (seen.get(key) ?? -Infinity) <= ttl;
  const isWorker = (key: string): boolean => key.startsWith(names.worker);
  const entries = await bucket.watch({ key: names.all });
  let unheard = 0;
  const watch = async (): Promise<void> => {
    for await (const entry of entries) {
      unheard = 0;
      const { key, operation, isUpdate } = entry;
      const isNew = operation === 'PUT' ? isWorker(key) && !isSeen(key) : true;
      if (operation !== 'PUT') seen.delete(key);
      // What this worker had before it has come back is free, and so may be what was there before.
      else if (isWorker(key) || (isUpdate && entry.string() !== id)) seen.set(key, ticks());
      if (isNew) changed.next(key);
    }
  };
  watch()
    .then(() => {
      throw new Error(blind);
    })
    .catch(ended);
  return {
    changed$: changed,
    share(partitions) {
      const others = [...seen.keys()].filter((key) => isWorker(key) && isSeen(key));
      const all = [...new Set([...others, names.worker + id])].sort();
      const rank = all.indexOf(names.worker + id);
      const least = Math.floor(partitions / all.length);
      const more = partitions % all.length;
      return { count: least + (rank < more ? 1 : 0), first: rank * least + Math.min(rank, more) };
    },
    isFree: (partition) => !isSeen(names.partition + String(partition)),
    lived() {
      if (++unheard > mostUnheard) ended(new Error(blind));
    },
    stop() {
      entries.stop();
    },
  };
}
