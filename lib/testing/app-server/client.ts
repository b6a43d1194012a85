import type { IncomingMessage } from 'node:http';
import type { OpenRequest } from '../codex/requests.js';
import type { Members } from '../codex/thread.js';
import type { HttpHeaders, LoopbackSocket } from '../servers/loopback-server.js';

/** One client of a fake server. */
export interface FakeAppServerSocket {
  /** The HTTP headers that it came with. */
  readonly headers: HttpHeaders;
  /** The text of every frame that it sent. */
  readonly received: readonly string[];
  /** Sends it text, or bytes as a binary frame, as they are. */
  sendRaw(data: string | Uint8Array): void;
  /** Cuts it off without a goodbye. */
  terminate(): void;
}

/** What a fake server keeps of a client. */
export interface AppServerClient extends FakeAppServerSocket {
  readonly received: string[];
  /** The threads whose events it gets. */
  readonly follows: Set<unknown>;
  /** What it said when it was initialized; `null` before. */
  capabilities: Members | null;
  /** Sends it a server request. */
  ask(request: OpenRequest): void;
  /** Sends it a notification, unless it has opted out of those. */
  notify(method: string, params: object): void;
}

export function createAppServerClient(
  socket: LoopbackSocket,
  { headers }: IncomingMessage,
): AppServerClient {
  // The real server never sends a close frame, not even to answer one.
  socket.close = () => {
    socket.terminate();
  };
  const client: AppServerClient = {
    headers,
    received: [],
    follows: new Set(),
    capabilities: null,
    sendRaw(data) {
      socket.send(data, { binary: typeof data !== 'string' });
    },
    terminate() {
      socket.terminate();
    },
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

/** What is no message is ignored: `null`. */
export function readFrame(text: string): AppServerFrame | null {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' ? frame : null;
  } catch {
    return null;
  }
}
