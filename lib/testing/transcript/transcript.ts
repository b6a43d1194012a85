import type { AddressInfo, RawData, WebSocket } from 'ws';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { amounts, mustBe } from '../../options/index.js';
import { readFrame, type Peer } from './arrival.js';
import { createPlayer } from './player.js';
import { checkSteps } from './rules.js';
import type { RestReply, Step } from './step.js';

export interface TranscriptOptions {
  /** How long to wait for the client at each step, in ms; `Infinity`: for ever. Default: 2,000. */
  readonly timeout?: number;
  /**
   * Whether this answers pings and `GET /api/health` by itself, as servers do, unless a step waits
   * for them. Default: true.
   */
  readonly housekeeping?: boolean;
  /** Default: a free port. */
  readonly port?: number;
}

/** A server that plays a transcript. */
export interface Transcript {
  /**
   * Resolves when every step was played. Rejects with a `TranscriptError` that names the step with
   * which the client did not keep to it, and if the client has sent more than was expected.
   */
  done(): Promise<void>;
  /** Cuts the client off, and stops listening. `done()` rejects if there are steps left. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A transcript that is played on a websocket. */
export interface SocketTranscript extends Transcript {
  /** Its base url, `http://127.0.0.1:<port>`: any path takes a websocket. */
  readonly url: string;
}

/**
 * Starts a server on 127.0.0.1 that plays its part of a transcript to one client, and holds the client
 * to its own: each frame, each call of a REST API beside it, each connection, in this order. It speaks
 * either protocol, for it says what the steps say and nothing else. Node only.
 *
 * @example
 * const server = await startTranscript([
 *   expects({ method: 'initialize', id: any }),
 *   emits(({ id }) => ({ id, result: serverInfo })),
 *   expects({ method: 'initialized' }),
 *   expects({ method: 'thread/start', id: captured('start'), params: { cwd: '/work' } }),
 *   closes(1006),
 * ]);
 * const stream = connectAppServer({ url: server.url });
 * …
 * await server.done();
 *
 * @throws TypeError that names the step or the option that is wrong.
 */
export async function startTranscript(
  steps: readonly Step[],
  options: TranscriptOptions = {},
): Promise<SocketTranscript> {
  checkSteps(steps, 'a websocket');
  const { port, ...settings } = transcriptSettings(options);
  const [{ WebSocketServer }, { createServer }] = await Promise.all([
    import('ws'),
    import('node:http'),
  ]);
  const sockets = new WebSocketServer({ noServer: true });
  const connections = new Set<Duplex>();
  let closed: Promise<void> | null = null;

  const http = createServer((request, response) => {
    const { method, url } = request as IncomingMessage & { method: string; url: string };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = text === '' ? undefined : readFrame(text);
      const reply = ({ status, body = {} }: RestReply) => {
        response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
        response.end(JSON.stringify(body));
      };
      player.take({ what: 'calls', call: { method, path: url, body }, reply });
    });
  });
  http.on('upgrade', (request: IncomingMessage & { url: string }, socket: Duplex, head: Buffer) => {
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
    player.take({
      what: 'connects',
      handshake: { path: request.url, headers: request.headers },
      accept(accepted) {
        sockets.handleUpgrade(request, socket, head, (link) => {
          accepted(serve(link, request));
        });
      },
      refuse(status) {
        socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      },
    });
  });

  const close = (): Promise<void> =>
    (closed ??= new Promise((resolve) => {
      http.close(() => {
        resolve();
      });
      http.closeAllConnections();
      for (const connection of connections) connection.destroy();
    }));

  const player = createPlayer(steps, { ...settings, failed: () => void close() });

  function serve(link: WebSocket, { socket }: IncomingMessage): Peer {
    /** What comes after the server has ended it is not heard any more. */
    let isOver = false;
    link.on('error', () => undefined);
    link.on('message', (data: RawData) => {
      if (!isOver) player.take({ what: 'sends', frame: readFrame((data as Buffer).toString()) });
    });
    link.on('close', (code) => {
      if (!isOver) player.take({ what: 'leaves', how: `code ${code}` });
      isOver = true;
    });
    return {
      send(data) {
        link.send(data, { binary: typeof data !== 'string' });
      },
      close(code, reason) {
        isOver = true;
        // Not `terminate`, which would lose what is not written yet.
        if (code === 1006) socket.end();
        else if (code === 1005) link.close();
        else link.close(code, reason);
      },
      exit: () => undefined,
      drop() {
        isOver = true;
        link.terminate();
      },
    };
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', resolve);
  });
  // A test that forgets to close it ends all the same.
  http.unref();
  player.start();

  const end = () => {
    player.stop();
    return close();
  };
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    done: player.done,
    close: end,
    [Symbol.asyncDispose]: end,
  };
}

/** Checks options and fills in defaults: throws a TypeError that names the option. */
export function transcriptSettings(options: TranscriptOptions): Required<TranscriptOptions> {
  const { housekeeping = true } = options;
  mustBe(typeof housekeeping === 'boolean', 'housekeeping', 'true or false');
  return { ...amounts('', options, { timeout: 2_000, port: 0 }), housekeeping };
}
