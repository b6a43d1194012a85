import { randomBytes } from 'node:crypto';
import { timer, type Subscription } from 'rxjs';
import type { GatewayIdentity } from './identity.js';

/** How long a ticket is good for, in ms. */
export const ticketLifetime = 30_000;

/** How many tickets there are at most: the oldest one makes room. */
const maxTickets = 1_000;

interface Ticket {
  readonly identity: GatewayIdentity;
  readonly expiry: Subscription;
}

/** Tickets for the url of a websocket whose client can send no header. Each is good once. */
export function createTickets() {
  const tickets = new Map<string, Ticket>();

  function remove(ticket: string): GatewayIdentity | null {
    const known = tickets.get(ticket);
    known?.expiry.unsubscribe();
    tickets.delete(ticket);
    return known?.identity ?? null;
  }

  return {
    issue(identity: GatewayIdentity): string {
      const ticket = randomBytes(24).toString('base64url');
      const expiry = timer(ticketLifetime).subscribe(() => tickets.delete(ticket));
      tickets.set(ticket, { identity, expiry });
      if (tickets.size > maxTickets) remove(tickets.keys().next().value as string);
      return ticket;
    },
    /** Uses a ticket up; `null` if it is not good. */
    redeem: remove,
    /** Forgets those of some identities. */
    revoke(predicate: (identity: GatewayIdentity) => boolean): void {
      for (const [ticket, { identity }] of [...tickets]) if (predicate(identity)) remove(ticket);
    },
  };
}

export type Tickets = ReturnType<typeof createTickets>;
