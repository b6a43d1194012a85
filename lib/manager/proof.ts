import { defer, map, of, skip, Subject, take, timeout, type Observable } from 'rxjs';

/** How long the answer to a ping is waited for, in ms. */
const patience = 2_000;

/** Proves that the server at the other end of the connection is alive now. */
export interface Proof {
  /** Whether the server answers a ping that is sent on subscription. Emits once. */
  readonly answered$: Observable<boolean>;
  ponged(): void;
  /** There is a new connection. */
  reset(): void;
}

export function createProof(ping: () => boolean): Proof {
  const pongs = new Subject<void>();
  /** Pings of this proof that were not answered yet. */
  let outstanding = 0;
  return {
    answered$: defer(() => {
      // A pong does not say which ping it answers. The heartbeat may have one under way, and so
      // the second pong is the first that surely answers one of these.
      const needed = outstanding + 2;
      if (!ping() || !ping()) return of(false);
      outstanding = needed;
      return pongs.pipe(
        skip(needed - 1),
        take(1),
        map(() => true),
        timeout({ first: patience, with: () => of(false) }),
      );
    }),
    ponged() {
      if (outstanding > 0) outstanding--;
      pongs.next();
    },
    reset() {
      outstanding = 0;
    },
  };
}
