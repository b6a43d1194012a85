import type { AddressInfo, WebSocketServer } from 'ws';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What is used of a socket of `ws`, whose own types users need not have. */
export interface LoopbackSocket {
  close(code?: number, reason?: string): void;
  terminate(): void;
  send(data: string): void;
  send(data: string | Uint8Array, options: { readonly binary: boolean }): void;
  on(
    event: 'message',
    listener: (data: { toString(): string }, isBinary: boolean) => void,
  ): unknown;
  on(event: 'close', listener: () => void): unknown;
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
 * Starts a server for HTTP and websockets on 127.0.0.1.
 *
 * @param port 0: a free port.
 * @param refuse Refuses a handshake; `null` accepts it.
 */
export async function startLoopbackServer(
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  refuse: (request: IncomingMessage) => Refusal | null,
  connected: (socket: LoopbackSocket, request: IncomingMessage) => void,
): Promise<LoopbackServer> {
  const [{ WebSocketServer }, { createServer }] = await Promise.all([
    import('ws'),
    import('node:http'),
  ]);
  const http: Server = createServer(answer);
  const server: WebSocketServer = new WebSocketServer({
    server: http,
    verifyClient(
      { req }: { req: IncomingMessage },
      accept: (accepted: boolean, status?: number, body?: string) => void,
    ) {
      const refusal = refuse(req);
      accept(refusal === null, refusal?.status, refusal?.body);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    http.listen(port, '127.0.0.1', resolve);
  });
  server.on('connection', (socket, request) => {
    // What breaks the protocol is closed by `ws` itself.
    socket.on('error', () => undefined);
    connected(socket, request);
  });
  return {
    port: (http.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      }),
  };
}
