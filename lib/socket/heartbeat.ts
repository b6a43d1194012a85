import { delay, map, merge, Subscription, take, timer, type Observable } from 'rxjs';
import { now } from '../async/index.js';

/** When a silent peer is pinged, and when it is given up. */
export interface HeartbeatOptions {
  /**
   * How long the peer may be silent before it is pinged, in milliseconds.
   *
   * @default 15,000
   */
  readonly interval?: number;
  /**
   * How long it then has to send something, in milliseconds.
   *
   * @default 10,000
   */
  readonly timeout?: number;
}

export interface Heartbeat {
  readonly interval: number;
  readonly timeout: number;
  /** When the last frame came, whatever it was: milliseconds since the epoch. */
  readonly heardAt: () => number;
  readonly ping: () => void;
  /** The peer was silent for the interval and the timeout: it is taken for dead. */
  readonly dead: () => void;
  /** Occasions to ping at once: the network may have changed. */
  readonly hints$: Observable<unknown>;
}

/** Watches a peer: any frame is a sign of life, silence is answered with a ping. */
export function watchHeartbeat({
  interval,
  timeout,
  heardAt,
  ping,
  dead,
  hints$,
}: Heartbeat): Subscription {
  const watch = new Subscription();

  function listen(): void {
    const isSilent$ = timer(Math.max(0, interval - silence(heardAt()))).pipe(
      map(() => silence(heardAt()) >= interval),
    );
    watch.add(
      merge(isSilent$, hints$.pipe(map(() => true)))
        .pipe(take(1))
        .subscribe((isDue) => {
          if (isDue) probe();
          else listen();
        }),
    );
  }

  function probe(): void {
    const before = heardAt();
    const pingedAt = now();
    ping();
    watch.add(
      timer(timeout)
        // Timers run before sockets are read: after a long task the answer may be there, unread.
        .pipe(delay(0))
        .subscribe(() => {
          // What came in the very millisecond of the ping may have been the answer.
          if (heardAt() !== before || before === pingedAt) listen();
          // A timer that fired much too late means that this process was asleep (a throttled tab, a
          // closed lid), and not that the peer was: ask again.
          else if (now() - pingedAt > 2 * timeout + 1_000) probe();
          else dead();
        }),
    );
  }

  listen();
  return watch;
}

/** How long nothing was heard; without end if the clock was set back, for then it is not known. */
function silence(heardAt: number): number {
  const elapsed = now() - heardAt;
  return elapsed < 0 ? Infinity : elapsed;
}
