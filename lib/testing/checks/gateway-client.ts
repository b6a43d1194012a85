import type { RawData } from 'ws';
import { eventually } from './expectation.js';
import { jsonOr } from '../servers/json-or.js';

/** A client that a check plays: it sends nothing by itself. */
export interface GatewayClient {
  /** The frames so far: JSON as its value, anything else as its text. */
  readonly frames: readonly unknown[];
  /** The HTTP status of a handshake that was refused. */
  readonly refused: () => number | null;
  /** Sends a value as JSON. */
  readonly send: (frame: unknown) => void;
  /** Sends text, or bytes as a binary frame, unchanged. */
  readonly sendRaw: (data: string | Uint8Array) => void;
  /** Resolves with the first frame that fits; earlier ones count. */
  readonly frame: (what: string, fits: (frame: never) => boolean) => Promise<unknown>;
  readonly close: () => void;
}

/**
 * Resolves when the handshake is over, also when it was refused.
 *
 * @throws Error if there is no server.
 */
export async function openGatewayClient(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<GatewayClient> {
  const { loadWs } = await import('../../node/ws.js');
  const { WebSocket } = loadWs();
  const socket = new WebSocket(url, { headers });
  const frames: unknown[] = [];
  let status: number | null = null;
  const failures: Error[] = [];
  let isOver = false;
  socket.on('message', (data: RawData) => {
    const text = (data as Buffer).toString();
    frames.push(jsonOr(text, text));
  });
  socket.on('open', () => (isOver = true));
  socket.on('close', () => (isOver = true));
  socket.on('error', (error) => {
    const [, code = null] = /Unexpected server response: (\d+)/.exec(error.message) ?? [];
    if (code === null) failures.push(error);
    else status = Number(code);
  });
  await eventually(`the handshake of ${new URL(url).pathname} to be answered`, () => isOver);
  const [cause] = failures;
  if (cause) throw new Error(`Expected a server at ${url}.`, { cause });
  return {
    frames,
    refused: () => status,
    send(frame) {
      socket.send(JSON.stringify(frame));
    },
    sendRaw(data) {
      socket.send(data, { binary: typeof data !== 'string' });
    },
    async frame(what, fits) {
      const find = () => frames.find((frame) => fits(frame as never));
      await eventually(what, () => find() !== undefined);
      return find();
    },
    close() {
      socket.terminate();
    },
  };
}
