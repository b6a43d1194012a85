import { isUtf8 } from 'node:buffer';
import { timer } from 'rxjs';
import { redirectOf } from '../socket/redirect.js';
import {
  excerptBytes,
  goodbyeTimeout,
  unreadError,
  type Transport,
  type TransportEvents,
  type TransportRequest,
} from '../socket/transport.js';
import { loadWs } from './ws.js';

/** The longest string of V8: `ws` closes the connection on longer frames (code 1009). */
const transportLimit = 2 ** 29 - 24;

export { frameBytes } from './frame-bytes.js';
export { platformFetch } from './http-fetch.js';

const settled = Promise.resolve();

/** Whether the handshake can carry headers of the caller's. */
export const sendsHeaders = true as boolean;

/** Opens a websocket with `ws`, which unlike Node's own can send headers. */
export function openWebSocket(
  { url, headers, protocols = [], maxFrameBytes, ignore }: TransportRequest,
  events: TransportEvents,
): Transport {
  const { WebSocket } = loadWs();
  const socket = new WebSocket(url, [...protocols], {
    headers,
    perMessageDeflate: false,
    maxPayload: transportLimit,
    // `ws` closes the connection on messages in more fragments than that, and they come again.
    maxFragments: 2 ** 20,
    // Looked at below: `ws` would close the connection for one bad frame, and look at ignored ones.
    skipUTF8Validation: true,
  });
  // Bytes of ASCII are the same in Latin-1, which needs no look at the rest of the frame.
  const inLatin1 = (data: Buffer) => ignore?.test(data.toString('latin1', 0, ignore.length));
  const isIgnored = ignore?.testBytes ?? inLatin1;

  /** The clock costs more than many a frame: it is looked at once for what comes in one piece. */
  let at = 0;
  const forget = () => {
    at = 0;
  };
  function now(): number {
    if (at === 0) {
      at = Date.now();
      // Cheaper than queueMicrotask, which makes a resource for async hooks.
      void settled.then(forget);
    }
    return at;
  }

  socket.on('open', () => {
    events.opened();
  });
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) events.fault('binary', data.length, data.toString('latin1', 0, excerptBytes));
    else if (isIgnored(data)) events.ignored(data.length, now());
    else if (data.length > maxFrameBytes) {
      events.fault('too-large', data.length, data.toString('utf8', 0, excerptBytes));
    } else {
      const text = data.toString();
      // Bytes that are not UTF-8 read as U+FFFD, which a text may also contain.
      if (!text.includes('\ufffd') || isUtf8(data)) events.text(text, data.length, now());
      else events.fault('not-utf8', data.length, data.toString('latin1', 0, excerptBytes));
    }
  });
  socket.on('unexpected-response', (_request, response) => {
    // Listening to this event makes the handshake ours to end.
    abandon();
    const status = response.statusCode as number;
    const location = redirectOf(url, status, response.headers.location);
    events.ended({ kind: 'refused', status, location });
  });
  socket.on('error', (error) => {
    // After a frame that breaks the protocol, `ws` waits half a minute for the peer to close.
    abandon();
    if (isSubprotocolError(error)) {
      events.ended({ kind: 'refused', status: 101, reason: subprotocolReason(protocols) });
    } else events.ended({ kind: 'failed', error });
  });
  socket.on('close', (code, reason) => {
    detach();
    events.ended({ kind: 'closed', code, reason: reason.toString() });
  });

  function detach(): void {
    socket.removeAllListeners();
    // A socket that was given up may still fail, and an 'error' without a listener
    // ends the process.
    socket.on('error', () => undefined);
  }

  function abandon(): void {
    detach();
    socket.terminate();
  }

  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return;
      const error = unreadError(socket.bufferedAmount);
      if (error === null) {
        socket.send(text);
        return;
      }
      abandon();
      queueMicrotask(() => {
        events.ended({ kind: 'failed', error });
      });
    },
    close(closed) {
      detach();
      const deadline = timer(goodbyeTimeout).subscribe(() => {
        socket.terminate();
      });
      socket.once('close', () => {
        deadline.unsubscribe();
        closed();
      });
      socket.close(1000);
    },
    abandon,
  };
}

/** `ws` has no code for it. */
const isSubprotocolError = ({ message }: Error): boolean =>
  /^Server sent .*subprotocol/.test(message);

const subprotocolReason = ({ length }: readonly string[]): string =>
  length === 0
    ? 'it wants a subprotocol: give "protocols"'
    : 'it chose no subprotocol that "protocols" offers';
