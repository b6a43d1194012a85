import { asyncScheduler, Subscription, timer } from 'rxjs';

export interface HeartbeatOptions {
  /** How long the peer may be silent before it is pinged, in milliseconds. Default: 15,000. */
  readonly interval?: number;
  /** How long it then has to send anything, in milliseconds. Default: 10,000. */
  readonly timeout?: number;
}

export interface Heartbeat {
  readonly interval: number;
  readonly timeout: number;
  /** When the last frame came, whatever it was: milliseconds since the epoch. */
  heardAt(): number;
  ping(): void;
  /** The peer was silent for the interval and the timeout: it is taken for dead. */
  dead(): void;
}

/** Watches a peer: any frame is a sign of life, silence is answered with a ping. */
export function watchHeartbeat({
  interval,
  timeout,
  heardAt,
  ping,
  dead,
}: Heartbeat): Subscription {
  const watch = new Subscription();
  let pending = Subscription.EMPTY;
  watch.add(() => {
    pending.unsubscribe();
  });

  function listen(): void {
    pending = timer(Math.max(0, heardAt() + interval - now())).subscribe(() => {
      if (now() - heardAt() < interval) listen();
      else probe();
    });
  }

  function probe(): void {
    const pingedAt = now();
    ping();
    pending = timer(timeout).subscribe(() => {
      if (heardAt() >= pingedAt) listen();
      // A timer that fired much too late means that this process was asleep (a throttled tab, a
      // closed lid), and not that the peer was: ask again.
      else if (now() - pingedAt > 2 * timeout) probe();
      else dead();
    });
  }

  listen();
  return watch;
}

const now = () => asyncScheduler.now();
