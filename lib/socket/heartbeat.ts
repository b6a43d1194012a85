import { delay, map, merge, Subscription, take, timer, type Observable } from 'rxjs';
import { now, ticks } from '../async/index.js';

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
  /** How many frames have come, whatever they were. */
  readonly heard: () => number;
  /** When the last one came, in milliseconds since the epoch: a hint when to look again. */
  readonly heardAt: () => number;
  readonly ping: () => void;
  /** The peer was silent for the interval and the timeout: it is taken for dead. */
  readonly dead: () => void;
  /** Occasions to ping at once: the network may have changed. */
  readonly hints$: Observable<unknown>;
}

/**
 * Watches a peer: any frame is a sign of life, silence is answered with a ping. Timers and frames
 * decide: a clock that is set makes a ping come sooner, or an interval later, and nothing else.
 */
export function watchHeartbeat({
  interval,
  timeout,
  heard,
  heardAt,
  ping,
  dead,
  hints$,
}: Heartbeat): Subscription {
  const watch = new Subscription();

  function listen(wait: number): void {
    const before = heard();
    const isSilent$ = timer(wait).pipe(map(() => heard() === before));
    watch.add(
      merge(isSilent$, hints$.pipe(map(() => true)))
        .pipe(take(1))
        .subscribe((isDue) => {
          if (isDue) probe();
          else listenOn();
        }),
    );
  }

  /** Until the interval has passed since the last frame, by a clock that may have been set. */
  function listenOn(): void {
    listen(Math.min(interval, interval - (now() - heardAt())));
  }

  function probe(): void {
    const before = heard();
    const pingedAt = ticks();
    ping();
    watch.add(
      timer(timeout)
        // Timers run before sockets are read: after a long task the answer may be there, unread.
        .pipe(delay(0))
        .subscribe(() => {
          if (heard() !== before) listenOn();
          // A timer that fired much too late means that this process was asleep (a throttled tab, a
          // closed lid), and not that the peer was: ask again.
          else if (ticks() - pingedAt > 2 * timeout + 1_000) probe();
          else dead();
        }),
    );
  }

  listenOn();
  return watch;
}
