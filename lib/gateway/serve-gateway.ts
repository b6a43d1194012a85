import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { writeLog } from '../text/index.js';
import { attach } from './attach.js';
import { identify } from './authentication.js';
import { batchesOf } from './batches.js';
import type { Client, ClientEnd, ClientSettings } from './client.js';
import { stateOf, type Feed } from './feed.js';
import { gatewaySettings, type GatewayOptions } from './gateway-options.js';
import { checkRequest, Refusal } from './guard.js';
import { readJson, refusalReply, refuseUpgrade, sendReply } from './http.js';
import type { GatewayIdentity } from './identity.js';
import { closeAll, closeServer, listen } from './lifetime.js';
import { readPages, servePage, type PagesOption } from './pages.js';
import { answerRoute, createRoutes } from './routes.js';
import { serveEvents } from './server-sent-events.js';
import { createTickets } from './tickets.js';
import { createWebSockets } from './websockets.js';
import { createWires } from './wire.js';

/** A gateway that serves. */
export interface Gateway {
  /** Where it is: the `url` for `connectManager`. */
  readonly url: string;
  /** The token that clients bring; empty if a function or `authorize` decides. */
  readonly token: string;
  /** How many clients are connected. */
  readonly clients: number;
  /** Ends the connections and the tickets of some identities: 1008. */
  revoke(predicate: (identity: GatewayIdentity) => boolean): void;
  /**
   * Stops serving, and ends all connections: 1001. The feed goes on, so that the next gateway can
   * replay what happens meanwhile. A server of yours keeps listening.
   */
  close(): Promise<void>;
}

/** Limits of the gateway's own server, in ms and bytes. */
const serverOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 500,
  maxHeaderSize: 16 * 2 ** 10,
};

/**
 * Serves a feed to pages and other clients, in codex-manager's dialect: `connectManager` connects
 * to it as it is. Without options it serves this machine alone, and only clients that bring its
 * token.
 *
 * @example
 * const gateway = await serveGateway(feedLog(stream, memoryLog()));
 * const page = connectManager({ url: gateway.url, token: gateway.token });
 *
 * @throws TypeError that names the option that is wrong.
 */
export async function serveGateway(feed: Feed, options: GatewayOptions = {}): Promise<Gateway> {
  const state = stateOf(feed);
  const { pages: folder, inspected, ...given }: GatewayOptions & PagesOption = options;
  const settings = gatewaySettings(given);
  const { base, log } = settings;
  const server = settings.server ?? createServer(serverOptions);
  const pages = folder === undefined ? null : await readPages(folder);
  const tickets = createTickets();
  const routes = createRoutes(state, tickets, inspected);
  const clients = new Set<Client>();
  /** Sockets that were upgraded: no server closes them. */
  const upgraded = new Set<Duplex>();

  const ownHosts = (): readonly string[] => {
    const { port = 80 } = (server.address() ?? {}) as Partial<AddressInfo>;
    return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  };
  const guard = {
    hosts: () => settings.hosts ?? ownHosts(),
    origins: () => settings.origins ?? ownHosts().map((host) => `http://${host}`),
  };

  function added(client: Client): () => void {
    clients.add(client);
    return () => clients.delete(client);
  }

  function endAll(why: ClientEnd, predicate: (client: Client) => boolean = () => true): void {
    for (const client of [...clients]) if (predicate(client)) client.end(why);
  }

  const clientSettings: ClientSettings = {
    ...settings,
    feed: state,
    batches$: batchesOf(feed.log),
    wires: createWires(feed.log.epoch, settings.aliases),
  };
  const sockets = createWebSockets(clientSettings, base, added);

  /** The path below `base`, without the query; `null` if it is not ours. */
  function pathOf({ url = '' }: IncomingMessage): string | null {
    const [path = ''] = url.split('?', 1);
    if (!path.startsWith(`${base}/`)) return null;
    return path.slice(base.length);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      checkRequest(request, guard);
      const path = pathOf(request) ?? '';
      const { method = '', url = '' } = request;
      if (pages !== null && method === 'GET' && !path.startsWith('/api/')) {
        servePage(pages, base, path, request, response);
        return;
      }
      const identity = await identify(request, settings, tickets);
      if (method === 'GET' && path === '/api/stream') {
        throw new Refusal(426, 'upgrade_required', 'this is a websocket: upgrade the connection');
      }
      if (method === 'GET' && path === '/api/events') {
        serveEvents(clientSettings, base, request, response, identity, added);
        return;
      }
      const query = url.slice(url.split('?', 1)[0]?.length).slice(1);
      const body = async () => Object((await readJson(request)) ?? {}) as object as never;
      sendReply(
        request,
        response,
        await answerRoute(routes, method, path, { identity, query, body }),
      );
    } catch (error) {
      sendReply(request, response, refusalReply(asRefusal(error)));
    }
  }

  function asRefusal(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    writeLog(log, 'the gateway failed to answer', error);
    return new Refusal(500, 'internal_error', 'internal server error');
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignore = () => undefined;
    socket.on('error', ignore);
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    try {
      checkRequest(request, guard);
      if (request.method !== 'GET' || pathOf(request) !== '/api/stream') {
        throw new Refusal(404, 'not_found');
      }
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        throw new Refusal(400, 'bad_request');
      }
      const identity = await identify(request, settings, tickets);
      sockets.accept(request, socket, head, identity);
    } catch (error) {
      refuseUpgrade(socket, asRefusal(error));
    }
  }

  const isOwn = (request: IncomingMessage) =>
    settings.server === undefined || pathOf(request) !== null;
  const detach = attach(server, isOwn, answer, upgrade);
  const cutting = state.back$.subscribe(() => {
    // They know of no gap within a connection: a new one tells them.
    endAll('source away', ({ isNumbered }) => !isNumbered);
  });
  if (settings.server === undefined) await listen(server, settings.port);

  let closed: Promise<void> | undefined;
  return {
    get url() {
      const [host] = guard.hosts();
      const isLocal = settings.hosts === undefined;
      return `${isLocal ? 'http' : 'https'}://${host}${base}`;
    },
    token: typeof settings.token === 'string' ? settings.token : '',
    get clients() {
      return clients.size;
    },
    revoke(predicate) {
      tickets.revoke(predicate);
      endAll('revoked', ({ identity }) => predicate(identity));
    },
    close() {
      closed ??= (async () => {
        cutting.unsubscribe();
        detach();
        tickets.revoke(() => true);
        endAll('shutdown');
        await closeAll(upgraded);
        if (settings.server === undefined) await closeServer(server);
      })();
      return closed;
    },
  };
}
