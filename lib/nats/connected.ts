import type { NatsConnection } from '@nats-io/nats-core';
import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import { pause } from './pause.js';

const watched = new WeakMap<NatsConnection, Observable<boolean>>();

/** Whether a connection is there: now, and whenever that changes. Completes when it is closed. */
export function connectedOf(nc: NatsConnection): Observable<boolean> {
  const known$ = watched.get(nc);
  if (known$) return known$;
  // The client has no `info` while it is not connected.
  const connected = new BehaviorSubject(nc.info !== undefined);
  const connected$ = connected.pipe(distinctUntilChanged());
  watched.set(nc, connected$);
  void follow(nc, connected);
  return connected$;
}

/** How long the server is given to take what was sent, in ms. */
const flushTimeout = 1_000;

/** Resolves when the server has what was sent; also if it cannot be asked, or takes too long. */
export const flushed = async (nc: NatsConnection): Promise<void> => {
  await Promise.race([nc.flush().catch(() => undefined), pause(flushTimeout)]);
};

async function follow(nc: NatsConnection, connected: BehaviorSubject<boolean>): Promise<void> {
  for await (const { type } of nc.status()) {
    if (type === 'disconnect') connected.next(false);
    else if (type === 'reconnect') connected.next(true);
  }
  connected.next(false);
  connected.complete();
}
