import type { IncomingMessage } from 'node:http';
import { readBody, replyJson } from '../servers/http.js';
import { jsonOr } from '../servers/json-or.js';
import { createWebServer, type LoopbackSocket } from '../servers/loopback.js';
import type { PlayedClient } from './arrival.js';
import { playOn, type Transcript, type TranscriptOptions } from './play-on.js';
import type { Player } from './player.js';
import type { RestReply, Step } from './step.js';

/** A transcript that is played on a websocket. */
export interface SocketTranscript extends Transcript {
  /** Its base url, `http://127.0.0.1:<port>`: any path accepts a websocket. */
  readonly url: string;
}

/**
 * Starts a server on 127.0.0.1 that plays its part of a transcript to one client, and checks the
 * client's part: each frame, each REST call, each connection, in this order. It speaks either
 * protocol, since it sends what the steps say and nothing else. Node only.
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
 * // …
 * await server.done();
 *
 * @throws TypeError that names the step or the option that is wrong.
 */
export async function startTranscript(
  steps: readonly Step[],
  options: TranscriptOptions = {},
): Promise<SocketTranscript> {
  const { port, ...transcript } = await playOn('a websocket', steps, options, async (player) => {
    /** Accepts the handshake that is being settled. */
    let accepted: (peer: PlayedClient) => void = () => undefined;
    return createWebServer(
      (request, response) => {
        const { method, url } = request as IncomingMessage & { method: string; url: string };
        const reply = ({ status, body = {} }: RestReply) => {
          replyJson(response, status, body);
        };
        const call = (text: string | null) => {
          const body = text ? jsonOr(text, text) : undefined;
          player.observe({ what: 'calls', call: { method, path: url, body }, reply });
        };
        // A client may leave before its body has ended.
        readBody(request).then(call, () => undefined);
      },
      ({ url = '', headers }, settle) => {
        player.observe({
          what: 'connects',
          handshake: { path: url, headers },
          accept(connected) {
            accepted = connected;
            settle(null);
          },
          refuse(status) {
            settle({ status });
          },
        });
      },
      (socket, request) => {
        accepted(peerOf(socket, request, player));
      },
    );
  });
  return { ...transcript, url: `http://127.0.0.1:${port}` };
}

function peerOf(socket: LoopbackSocket, request: IncomingMessage, player: Player): PlayedClient {
  /** The server has ended the connection: what comes later is ignored. */
  let isOver = false;
  socket.on('message', (data) => {
    const text = data.toString();
    if (!isOver) player.observe({ what: 'sends', frame: jsonOr(text, text) });
  });
  socket.on('close', (code) => {
    if (!isOver) player.observe({ what: 'leaves', how: `code ${code}` });
    isOver = true;
  });
  return {
    send(data) {
      socket.send(data, { binary: typeof data !== 'string' });
    },
    close(code, reason) {
      isOver = true;
      // Not `terminate`, which would lose what is not written yet.
      if (code === 1006) request.socket.end();
      else if (code === 1005) socket.close();
      else socket.close(code, reason);
    },
    exit: () => undefined,
    drop() {
      isOver = true;
      socket.terminate();
    },
  };
}
