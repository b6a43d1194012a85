import type { IncomingMessage } from 'node:http';
import type { OpenRequest } from '../codex/requests.js';
import type { Members } from '../codex/thread.js';
import { clientSocket, type ClientSocket } from '../servers/client-socket.js';
import type { LoopbackSocket } from '../servers/loopback.js';

/** A client of a fake app-server. */
export interface AppServerClient extends ClientSocket {
  /** The threads whose events it gets. */
  readonly follows: Set<unknown>;
  /** Those of its `initialize`; `null` before. */
  capabilities: Members | null;
  /** Sends it a server request. */
  ask(request: OpenRequest): void;
  /** Sends it a notification, unless it has opted out of the method. */
  notify(method: string, params: object): void;
}

export function createAppServerClient(
  socket: LoopbackSocket,
  request: IncomingMessage,
): AppServerClient {
  // The real server never sends a close frame, not even to answer one.
  socket.close = () => {
    socket.terminate();
  };
  const client: AppServerClient = {
    ...clientSocket(socket, request),
    follows: new Set(),
    capabilities: null,
    ask({ id, method, params }) {
      client.sendRaw(JSON.stringify({ method, id, params }));
    },
    notify(method, params) {
      const { optOutNotificationMethods = [] } = (client.capabilities ?? {}) as {
        readonly optOutNotificationMethods?: readonly string[];
      };
      if (optOutNotificationMethods.includes(method)) return;
      client.sendRaw(JSON.stringify({ method, params, emittedAtMs: Date.now() }));
    },
  };
  return client;
}

/** A message of JSON-RPC. */
export interface AppServerFrame {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Members;
}
