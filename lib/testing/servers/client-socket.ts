import type { IncomingMessage } from 'node:http';
import type { HttpHeaders, LoopbackSocket } from './loopback.js';

/** One client of a fake server. */
export interface ClientSocket {
  /** The HTTP headers of its handshake. */
  readonly headers: HttpHeaders;
  /** The text of every frame that it sent. */
  readonly received: readonly string[];
  /** Sends it text, or bytes as a binary frame, unchanged. */
  sendRaw(data: string | Uint8Array): void;
  /** Drops the connection without a close frame. */
  terminate(): void;
}

export function clientSocket(socket: LoopbackSocket, { headers }: IncomingMessage): ClientSocket {
  const received: string[] = [];
  socket.on('message', (data) => received.push(data.toString()));
  return {
    headers,
    received,
    sendRaw(data) {
      socket.send(data, { binary: typeof data !== 'string' });
    },
    terminate() {
      socket.terminate();
    },
  };
}
