import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { firstValueFrom, from, race, timer } from 'rxjs';

/** Lets a server listen on 127.0.0.1. */
export async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

/** How long a client has to answer the end, in ms. */
export const goodbyeTimeout = 1_000;

/** Resolves when these sockets are closed; those that stay open are destroyed. */
export async function closeAll(sockets: ReadonlySet<Duplex>): Promise<void> {
  const open = [...sockets].filter(({ closed }) => !closed);
  // Not `once` of node:events, which rejects when a socket breaks meanwhile.
  const closed = Promise.all(
    open.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
  );
  if (open.length > 0)
    await firstValueFrom(race(from(closed), timer(goodbyeTimeout)), { defaultValue: 0 });
  for (const socket of open) socket.destroy();
  await closed;
}

/** Stops listening, and drops the connections that are left. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
