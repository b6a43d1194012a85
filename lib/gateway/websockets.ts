import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Subscription, timer } from 'rxjs';
import type { RawData, WebSocket } from 'ws';
import { filterOf, readCommand } from '../manager/stream-protocol.js';
import { ticks } from '../async/index.js';
import { loadWs } from '../node/ws.js';
import { sendLog, type Client, type ClientEnd, type ClientSettings } from './client.js';
import type { GatewayIdentity } from './identity.js';
import { goodbyeTimeout } from './lifetime.js';
import { readyFrame, startOf, type Start } from './subscription.js';

/** How large a command may be, in bytes. */
const maxCommandBytes = 64 * 2 ** 10;

/** How many commands a client may send in a second. */
const maxCommands = 100;

/** What the websocket is closed with. A client that reads nothing is not asked to close. */
const closeCodes: Readonly<Record<ClientEnd, number | null>> = {
  shutdown: 1001,
  revoked: 1008,
  'too many commands': 1008,
  'source away': 1012,
  'log ended': 1012,
  'too slow': 1013,
  stalled: null,
};

/** The subprotocol that is chosen: never the one that holds the token. */
const subprotocol = 'codex-rx';

/** Takes the upgrades that were authorized. */
export interface WebSockets {
  readonly accept: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    identity: GatewayIdentity,
  ) => void;
}

/**
 * @param base What stands before `/api` in the paths.
 * @param added Called with each client; what it returns, when that has gone.
 */
export function createWebSockets(
  settings: ClientSettings,
  base: string,
  added: (client: Client) => () => void,
): WebSockets {
  const { WebSocketServer } = loadWs();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Frames are written to the socket as they are; and who compresses secrets leaks them.
    perMessageDeflate: false,
    maxPayload: maxCommandBytes,
    handleProtocols: (offered) => offered.has(subprotocol) && subprotocol,
  });

  function serve(
    socket: WebSocket,
    raw: Duplex,
    request: IncomingMessage,
    identity: GatewayIdentity,
  ): void {
    const { log } = settings.feed;
    const query = new URL(request.url as string, 'http://gateway').searchParams;
    const start = startOf(log, query.get('after'));
    const wire = settings.wires[start.isNumbered ? 'numbered' : 'plain'];
    const lifetime = new Subscription();
    let filter = filterOf(request.url as string);
    const send = (frame: object) => {
      socket.send(JSON.stringify(frame));
    };

    function end(why: ClientEnd): void {
      stop();
      const code = closeCodes[why];
      if (code === null) socket.terminate();
      else {
        socket.close(code, why);
        lifetime.add(timer(goodbyeTimeout).subscribe(() => socket.terminate()));
      }
    }

    const countCommand = createRateLimit(maxCommands);

    function obey(data: RawData): void {
      const text = (data as Buffer).toString();
      if (!countCommand()) {
        end('too many commands');
        return;
      }
      // A client that reads nothing gets no answers either.
      if (text === '' || raw.writableLength > settings.highWater) return;
      const command = readCommand(text);
      if (command === null) send({ type: 'error', message: 'invalid websocket command' });
      else if (command.type === 'subscribe') filter = command.threadId;
      else if (command.type === 'unsubscribe') filter = null;
      else send(pong(start, pump.cursor));
    }

    socket.on('message', obey);
    socket.on('error', () => socket.terminate());
    send(readyFrame(log, base, filter, start, identity));
    const { pump, stop } = sendLog(settings, {
      identity,
      start,
      filter: () => filter,
      socket: raw,
      waiting: () => raw.writableLength,
      write(...piece) {
        raw.write(wire(...piece));
      },
      end,
      caughtUp(cursor) {
        send(pong(start, cursor));
      },
    });
    const removed = added({ identity, isNumbered: start.isNumbered, end });
    socket.on('close', () => {
      stop();
      lifetime.unsubscribe();
      removed();
    });
  }

  return {
    accept(request, raw, head, identity) {
      server.handleUpgrade(request, raw, head, (socket) => {
        serve(socket, raw, request, identity);
      });
    },
  };
}

const pong = ({ isNumbered }: Start, seq: number): object =>
  isNumbered ? { type: 'pong', seq } : { type: 'pong' };

/** Whether one more is within the bound of this second. */
function createRateLimit(bound: number): () => boolean {
  let second = 0;
  let count = 0;
  return () => {
    const now = Math.floor(ticks() / 1_000);
    if (now !== second) count = 0;
    second = now;
    return ++count <= bound;
  };
}
