import { defer, merge, of, skip, Subject, take, timeout, type Observable } from 'rxjs';

/** How long the answer to a ping is waited for, in ms. */
const patience = 2_000;

/** Proves that the server at the other end of the connection is alive now. */
export interface Proof {
  /** Whether the server answers a ping that is sent on subscription. Emits once. */
  readonly answered$: Observable<boolean>;
  ponged: () => void;
  /** The connection is lost, and with it what was sent on it. */
  lost(): void;
}

export function createProof(ping: () => boolean): Proof {
  const pongs = new Subject<true>();
  const losses = new Subject<false>();
  /** Pings of this proof that were not answered yet. */
  let outstanding = 0;
  return {
    answered$: defer(() => {
      // A pong does not say which ping it answers. The heartbeat may have one under way, and so
      // the second pong is the first that surely answers one of these.
      const needed = outstanding + 2;
      if (!ping() || !ping()) return of(false);
      outstanding = needed;
      return merge(pongs.pipe(skip(needed - 1)), losses).pipe(
        take(1),
        timeout({ first: patience, with: () => of(false) }),
      );
    }),
    ponged() {
      if (outstanding > 0) outstanding--;
      pongs.next(true);
    },
    lost() {
      outstanding = 0;
      losses.next(false);
    },
  };
}
