import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Refusal } from './guard.js';
import { refusalReply, refuseUpgrade, sendReply } from './http.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

/**
 * Lets a server answer what is ours. The listeners that it has get the rest; without any, it is not
 * found.
 *
 * @param isOwn By its path.
 * @returns what gives the server its listeners back.
 */
export function attach(
  server: Server,
  isOwn: (request: IncomingMessage) => boolean,
  answer: Answer,
  upgrade: Upgrade,
): () => void {
  const others = server.listeners('request') as Answer[];
  const upgrades = server.listeners('upgrade') as Upgrade[];

  const onRequest: Answer = (request, response) => {
    if (isOwn(request)) answer(request, response);
    else if (others.length === 0) sendReply(request, response, refusalReply(notFound()));
    else for (const listener of others) listener.call(server, request, response);
  };
  const onUpgrade: Upgrade = (request, socket, head) => {
    if (isOwn(request)) upgrade(request, socket, head);
    else if (upgrades.length === 0) refuseUpgrade(socket, notFound());
    else for (const listener of upgrades) listener.call(server, request, socket, head);
  };

  server.removeAllListeners('request').removeAllListeners('upgrade');
  server.on('request', onRequest).on('upgrade', onUpgrade);
  return () => {
    server.off('request', onRequest).off('upgrade', onUpgrade);
    for (const listener of others) server.on('request', listener);
    for (const listener of upgrades) server.on('upgrade', listener);
  };
}

const notFound = () => new Refusal(404, 'not_found');
