import { Subscription, timer, type Observable } from 'rxjs';
import type { Writable } from 'node:stream';
import type { FeedState } from './feed.js';
import { seesAll, type GatewayIdentity } from './identity.js';
import { createPump, type Pump } from './pump.js';
import { isFor, type Start } from './subscription.js';
import type { Wire, Wires } from './wire.js';

/** What is the same for every client. */
export interface ClientSettings {
  readonly feed: FeedState;
  /** Emits when there is more to send. */
  readonly batches$: Observable<void>;
  /** What clients of the same kind read. */
  readonly wires: Wires;
  /** A client whose socket holds more gets nothing until it has read that, in bytes. */
  readonly highWater: number;
  /** A client that does not read for so long is ended, in ms. */
  readonly stallTimeout: number;
}

/** Why the gateway ends a client. */
export type ClientEnd =
  | 'shutdown'
  | 'revoked'
  | 'too many commands'
  | 'source away'
  | 'log ended'
  | 'too slow'
  | 'stalled';

/** One connection. */
export interface Client {
  readonly identity: GatewayIdentity;
  readonly isNumbered: boolean;
  readonly end: (why: ClientEnd) => void;
}

/** How the log reaches a client, over a websocket or an HTTP response. */
export interface Outlet {
  readonly identity: GatewayIdentity;
  readonly start: Start;
  /** The thread that it is filtered to, at the time of each entry. */
  readonly filter: () => string | null;
  /** What the kernel has not taken yet waits here. */
  readonly socket: Writable;
  /** How many bytes wait. */
  readonly waiting: () => number;
  readonly write: (...piece: Parameters<Wire>) => void;
  readonly end: (why: ClientEnd) => void;
  /** Once: the replay is over. */
  readonly caughtUp?: (cursor: number) => void;
}

/** Sends the log to a client, as fast as that reads. */
export function sendLog(
  { feed, batches$, highWater, stallTimeout }: ClientSettings,
  outlet: Outlet,
): { readonly pump: Pump; readonly stop: () => void } {
  const { identity, start, socket, waiting } = outlet;
  const { isNumbered } = start;
  const bound = Math.max(highWater, socket.writableHighWaterMark);
  const subscription = new Subscription();
  let stall = Subscription.EMPTY;
  let isReplaying = start.replay !== null;

  const isFull = (): boolean => waiting() > bound;

  const pump = createPump({
    log: feed.log,
    after: start.after,
    accepts: (entry) => isFor(entry, outlet.filter(), identity, isNumbered),
    write(entries) {
      outlet.write(entries, seesAll(identity) ? outlet.filter() : undefined);
    },
    isFull,
    fellBehind() {
      outlet.end('too slow');
    },
    caughtUp() {
      // Even if the last of it was sent: the client may ignore its type.
      if (isReplaying) outlet.caughtUp?.(pump.cursor);
      isReplaying = false;
    },
  });

  function run(): void {
    pump.run();
    if (!isFull() || !stall.closed) return;
    stall = timer(stallTimeout).subscribe(() => {
      outlet.end('stalled');
    });
    subscription.add(stall);
  }

  const drained = () => {
    stall.unsubscribe();
    run();
  };
  socket.on('drain', drained);
  subscription.add(() => socket.off('drain', drained));
  subscription.add(
    batches$.subscribe({
      next: run,
      complete() {
        // Perhaps at once: the outlet knows nothing of this yet.
        queueMicrotask(() => {
          outlet.end('log ended');
        });
      },
    }),
  );
  // Once what the client is made of is there: the log may have something for it, or end it.
  queueMicrotask(run);
  return {
    pump,
    stop() {
      pump.stop();
      subscription.unsubscribe();
    },
  };
}
