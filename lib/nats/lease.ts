import { KvWatchInclude, type KV } from '@nats-io/kv';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  ignoreElements,
  merge,
  Observable,
  of,
  repeat,
  share,
  Subscription,
  switchMap,
  take,
  timer,
} from 'rxjs';
import { ticks } from '../async/index.js';

/** A lease that this process holds, under a term: a revision of the bucket, which only grows. */
export interface HeldLease {
  readonly holder: 'me';
  readonly term: number;
  /** Whether it still holds by the own clock: timers of a process that was frozen run late. */
  readonly isValid: () => boolean;
  /** Leaves it to another one, and asks for it again after its time to live. */
  readonly giveUp: () => void;
  /** Renews it no more, and does not give it back: it ends when it has expired. */
  readonly abandon: () => void;
}

/** Who holds it: this process, another one, or it is not known. */
export type Lease = HeldLease | { readonly holder: 'other' } | { readonly holder: 'unknown' };

/** A lease in a bucket whose entries live for `ttl` ms, for one process. */
export interface LeasePlace {
  readonly bucket: KV;
  readonly key: string;
  /** Unique to this process. */
  readonly id: string;
  readonly ttl: number;
  readonly connected$: Observable<boolean>;
}

type Entry = Pick<LeasePlace, 'bucket' | 'key' | 'id'>;

/** The error code of a revision that is not the last one. */
const wrongRevision = 10071;

/** Whether the server has refused a write because of another one. */
export const isRefusal = (error: unknown): boolean =>
  (Object(error) as { code?: unknown }).code === wrongRevision;

/** The revision of an entry of this process, if that is why a write was refused. */
async function revisionOfOwn({ bucket, key, id }: Entry, error: unknown): Promise<number> {
  const entry = isRefusal(error) ? await bucket.get(key) : null;
  if (entry?.operation !== 'PUT' || entry.string() !== id) throw error as Error;
  return entry.revision;
}

/**
 * Takes a lease that is free, or that this process had before, and resolves with its term.
 * Rejects if another one has it.
 */
export async function takeLease(place: Entry): Promise<number> {
  const { bucket, key, id } = place;
  return bucket
    .create(key, id)
    .catch(async (error: unknown) => bucket.update(key, id, await revisionOfOwn(place, error)));
}

/**
 * Renews a lease that was taken, and gives it back when it is unsubscribed. Completes when it is
 * lost: by its own clock before the server lets another one have it.
 */
export function holdLease(place: LeasePlace, term: number): Observable<Lease> {
  const { bucket, key, id, ttl, connected$ } = place;
  const longest = ttl - Math.min(500, ttl / 4);
  return new Observable((subscriber) => {
    const holding = new Subscription();
    let revision = term;
    let renewedAt = ticks();
    let isHeld = true;
    let renewing: Promise<void> = Promise.resolve();
    const isValid = (): boolean => isHeld && ticks() - renewedAt <= longest;
    const lose = (): void => {
      isHeld = false;
      subscriber.next({ holder: 'unknown' });
      subscriber.complete();
    };
    const renew = async (): Promise<void> => {
      const began = ticks();
      revision = await bucket
        .update(key, id, revision)
        // Perhaps the reply to an earlier renewal was lost.
        .catch((error: unknown) => revisionOfOwn(place, error));
      renewedAt = began;
    };
    const renew$ = defer(() => (renewing = renew())).pipe(
      catchError((error: unknown) => {
        if (isRefusal(error) && !holding.closed) lose();
        return EMPTY;
      }),
    );
    const release = async (): Promise<void> => {
      // The revision is known when the renewal that runs has ended.
      await renewing.catch(() => undefined);
      await bucket.delete(key, { previousSeq: revision }).catch(() => undefined);
    };
    const giveUp = (): void => {
      holding.unsubscribe();
      subscriber.next({ holder: 'other' });
      subscriber.add(
        timer(ttl).subscribe(() => {
          subscriber.complete();
        }),
      );
    };
    const abandon = (): void => {
      isHeld = false;
      holding.unsubscribe();
    };
    subscriber.add(holding);
    holding.add(() => {
      if (isHeld) void release();
    });
    subscriber.next({ holder: 'me', term, isValid, giveUp, abandon });
    holding.add(
      connected$
        .pipe(switchMap((isThere) => (isThere ? timer(0, ttl / 3) : EMPTY)))
        .pipe(exhaustMap(() => renew$))
        .subscribe(),
    );
    holding.add(
      timer(ttl / 20, ttl / 20).subscribe(() => {
        if (!isValid()) lose();
      }),
    );
  });
}

/** Holds a lease, or waits for it. Emits whenever that changes. */
export function leaseOf(place: LeasePlace): Observable<Lease> {
  const { ttl, connected$ } = place;
  const released$ = releases(place).pipe(share());
  const wake$ = merge(timer(ttl / 3), released$).pipe(take(1), ignoreElements());
  const watching$ = released$.pipe(ignoreElements());
  const leading$ = connected$.pipe(
    filter(Boolean),
    take(1),
    // It may still be there from before this process has lost it by its own clock.
    switchMap(() => takeLease(place)),
    switchMap((term) => holdLease(place, term)),
    catchError((error: unknown) =>
      concat(of<Lease>({ holder: isRefusal(error) ? 'other' : 'unknown' }), wake$),
    ),
    repeat(),
  );
  return merge(leading$, watching$);
}

/** Emits when the lease is given back. An expiry is not announced by the server. */
const releases = ({ bucket, key }: LeasePlace): Observable<unknown> =>
  new Observable((subscriber) => {
    const watching = bucket.watch({ key, include: KvWatchInclude.UpdatesOnly });
    watching
      .then(async (entries) => {
        for await (const { operation } of entries)
          if (operation !== 'PUT') subscriber.next(operation);
      })
      // Without the watch a release is found like an expiry.
      .catch(() => undefined);
    return () => {
      watching.then((entries) => entries.stop()).catch(() => undefined);
    };
  });
