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

/**
 * Who leads: this process under a term, another one, or it is not known. A term is a revision of
 * the bucket: it only grows.
 */
export type Lease =
  | {
      readonly holder: 'me';
      readonly term: number;
      /** Leaves it to another one, and asks for it again after its time to live. */
      readonly giveUp: () => void;
    }
  | { readonly holder: 'other' }
  | { readonly holder: 'unknown' };

const key = 'leader';

/** The error code of a revision that is not the last one. */
const wrongRevision = 10071;

/**
 * Holds a lease in a bucket whose entries live for `ttl` ms, or waits for it. Emits whenever that
 * changes, and gives the lease back when it is unsubscribed. Stops by its own clock too, before the
 * server lets another one have the lease.
 *
 * @param id Unique to this process.
 */
export function leaseOf(
  lead: KV,
  id: string,
  ttl: number,
  connected$: Observable<boolean>,
): Observable<Lease> {
  const released$ = releases(lead).pipe(share());

  const hold = (term: number): Observable<Lease> =>
    new Observable((subscriber) => {
      const holding = new Subscription();
      let revision = term;
      let renewedAt = ticks();
      let isHeld = true;
      let renewing: Promise<void> = Promise.resolve();
      const lose = (): void => {
        isHeld = false;
        subscriber.next({ holder: 'unknown' });
        subscriber.complete();
      };
      const renew = async (): Promise<void> => {
        const began = ticks();
        revision = await lead
          .update(key, id, revision)
          // Perhaps the reply to an earlier renewal was lost.
          .catch((error: unknown) => revisionOfOwn(error));
        renewedAt = began;
      };
      const renew$ = defer(() => (renewing = renew())).pipe(
        catchError((error: unknown) => {
          if (isRefusal(error) && !holding.closed) lose();
          return EMPTY;
        }),
      );
      const revisionOfOwn = async (error: unknown): Promise<number> => {
        const entry = isRefusal(error) ? await lead.get(key) : null;
        if (entry?.operation !== 'PUT' || entry.string() !== id) throw error as Error;
        return entry.revision;
      };
      const release = async (): Promise<void> => {
        // The revision is known when the renewal that runs has ended.
        await renewing.catch(() => undefined);
        await lead.delete(key, { previousSeq: revision }).catch(() => undefined);
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
      subscriber.add(holding);
      holding.add(() => {
        if (isHeld) void release();
      });
      subscriber.next({ holder: 'me', term, giveUp });
      holding.add(
        connected$
          .pipe(switchMap((isThere) => (isThere ? timer(0, ttl / 3) : EMPTY)))
          .pipe(exhaustMap(() => renew$))
          .subscribe(),
      );
      holding.add(
        timer(ttl / 20, ttl / 20).subscribe(() => {
          if (ticks() - renewedAt > ttl - Math.min(500, ttl / 4)) lose();
        }),
      );
    });

  const wake$ = merge(timer(ttl / 3), released$).pipe(take(1), ignoreElements());

  const watching$ = released$.pipe(ignoreElements());
  const leading$ = connected$.pipe(
    filter(Boolean),
    take(1),
    switchMap(() => lead.create(key, id)),
    switchMap(hold),
    catchError((error: unknown) =>
      concat(of<Lease>({ holder: isRefusal(error) ? 'other' : 'unknown' }), wake$),
    ),
    repeat(),
  );
  return merge(leading$, watching$);
}

const isRefusal = (error: unknown): boolean =>
  (Object(error) as { code?: unknown }).code === wrongRevision;

/** Emits when the lease is given back. An expiry is not announced by the server. */
const releases = (lead: KV): Observable<unknown> =>
  new Observable((subscriber) => {
    const watching = lead.watch({ key, include: KvWatchInclude.UpdatesOnly });
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
