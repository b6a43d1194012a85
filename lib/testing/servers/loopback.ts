import type { AddressInfo, WebSocketServer } from 'ws';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

/** Headers by their names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The part of a socket of `ws` that is used: users need not have its types. */
export interface LoopbackSocket {
  close(code?: number, reason?: string): void;
  terminate(): void;
  send(data: string): void;
  send(data: string | Uint8Array, options: { readonly binary: boolean }): void;
  on(
    event: 'message',
    listener: (data: { toString(): string }, isBinary: boolean) => void,
  ): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
}

/** How a handshake is refused: its HTTP status, and the body. */
export interface Refusal {
  readonly status: number;
  readonly body?: string;
}

export interface LoopbackServer {
  readonly port: number;
  /** Stops listening, and drops the connections that are left. Resolves when none is. */
  readonly close: () => Promise<void>;
}

/**
 * Lets a server listen on 127.0.0.1.
 *
 * @param port 0: a free port.
 */
export async function listen(server: Server, port: number): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  let closed: Promise<void> | undefined;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      })),
  };
}

/**
 * Makes a server for HTTP and websockets.
 *
 * @param decide Accepts a handshake with `null`, or refuses it, now or later.
 */
export async function createWebServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  decide: (request: IncomingMessage, settle: (refusal: Refusal | null) => void) => void,
  connected: (socket: LoopbackSocket, request: IncomingMessage) => void,
): Promise<Server> {
  const [{ loadWs }, { createServer }] = await Promise.all([
    import('../../node/ws.js'),
    import('node:http'),
  ]);
  const { WebSocketServer } = loadWs();
  const http = createServer(answer);
  const server: WebSocketServer = new WebSocketServer({
    server: http,
    verifyClient(
      { req }: { req: IncomingMessage },
      accept: (accepted: boolean, status?: number, body?: string) => void,
    ) {
      decide(req, (refusal) => {
        accept(refusal === null, refusal?.status, refusal?.body);
      });
    },
  });
  server.on('error', () => undefined); // `listen` reports it.
  server.on('connection', (socket, request) => {
    // `ws` closes a socket that breaks the protocol.
    socket.on('error', () => undefined);
    connected(socket, request);
  });
  return http;
}
