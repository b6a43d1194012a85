import type { NatsConnection } from '@nats-io/nats-core';
import { Subscription } from 'rxjs';
import { textOf } from './message.js';
import type { Names } from './subjects.js';

/** How long a standby may take to say that it has a place, in ms. */
const timeout = 2_000;

/**
 * Whether a standby knows what came behind a place. A publisher that was started just now has heard
 * nothing of what its predecessor did, and may still get the lease.
 */
export async function doesStandbyHave(
  nc: NatsConnection,
  { standby }: Names,
  place: string,
): Promise<boolean> {
  const reply = nc.request(standby, place, { timeout });
  return reply.then(
    () => true,
    () => false,
  );
}

/** Says so as a standby, until it is unsubscribed. */
export function serveAsStandby(
  nc: NatsConnection,
  { standby }: Names,
  has: (place: string) => boolean,
): Subscription {
  if (nc.isClosed()) return Subscription.EMPTY;
  const served = nc.subscribe(standby, {
    callback(error, message) {
      if (!error && has(textOf(message.data))) message.respond();
    },
  });
  return new Subscription(() => {
    served.unsubscribe();
  });
}
