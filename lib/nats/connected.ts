import type { NatsConnection } from '@nats-io/nats-core';
import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';

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

async function follow(nc: NatsConnection, connected: BehaviorSubject<boolean>): Promise<void> {
  for await (const { type } of nc.status()) {
    if (type === 'disconnect') connected.next(false);
    else if (type === 'reconnect') connected.next(true);
  }
  connected.next(false);
  connected.complete();
}
