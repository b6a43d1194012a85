import type { IncomingMessage } from 'node:http';
import { isSame, Refusal, tokenOf } from './guard.js';
import type { GatewaySettings } from './gateway-options.js';
import type { GatewayIdentity } from './identity.js';
import type { Tickets } from './tickets.js';

/** Who has the token of the gateway. */
const holder: GatewayIdentity = { name: 'gateway', answers: true };

/**
 * Who a request comes from.
 *
 * @throws Refusal if that is not known.
 */
export async function identify(
  request: IncomingMessage,
  { token: expected, authorize }: Pick<GatewaySettings, 'token' | 'authorize'>,
  tickets: Tickets,
): Promise<GatewayIdentity> {
  const token = tokenOf(request);
  const { headers, url = '' } = request;
  // After a header: the url of a client that asks by REST still has the ticket of its websocket.
  const ticket = new URLSearchParams(url.split('?', 2)[1] ?? '').get('ticket');
  if (token === null && headers.authorization === undefined && ticket !== null) {
    return tickets.redeem(ticket) ?? unauthorized();
  }
  if (expected !== null) {
    const wanted = typeof expected === 'function' ? expected() : expected;
    if (token === null || !isSame(token, wanted)) return unauthorized();
  }
  if (authorize === undefined) return holder;
  return (await authorize(request, token)) ?? unauthorized();
}

function unauthorized(): never {
  throw new Refusal(401, 'unauthorized');
}
