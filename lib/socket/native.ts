import { timer } from 'rxjs';
import type { Fetch } from './fetch.js';
import type { FrameReader } from './frame-reader.js';
import {
  excerptBytes,
  goodbyeTimeout,
  unreadError,
  type Transport,
  type TransportEvents,
  type TransportRequest,
} from './transport.js';

/** As much of the platform's WebSocket as is used: no DOM types leak out of this library. */
interface PlatformSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

type PlatformWebSocket = new (url: string, protocols: string[]) => PlatformSocket;

const open = 1;

/** Whether the handshake can carry headers of the caller's. */
export const sendsHeaders = false as boolean;

/** It shows no bytes: its frames are decoded. */
export const frameBytes = null as FrameReader<Uint8Array> | null;

/** Opens the platform's WebSocket: that of browsers, of workers and of Node from 22 on. */
export function openWebSocket(
  { url, protocols = [], maxFrameBytes, ignore }: TransportRequest,
  events: TransportEvents,
): Transport {
  const WebSocket = (globalThis as { WebSocket?: PlatformWebSocket }).WebSocket;
  if (!WebSocket) throw new TypeError('there is no WebSocket here: give a "transport"');
  const socket = new WebSocket(url, [...protocols]);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    events.opened();
  };
  socket.onmessage = ({ data }) => {
    if (typeof data !== 'string') {
      events.fault('binary', (data as ArrayBuffer).byteLength, '(binary)');
    } else if (ignore?.test(data)) {
      events.ignored(data.length);
    } else if (data.length > maxFrameBytes) {
      events.fault('too-large', data.length, data.slice(0, excerptBytes));
    } else {
      events.text(data, data.length);
    }
  };
  // There is no use in onerror: it says nothing, and onclose follows.
  socket.onclose = ({ code, reason }) => {
    detach();
    events.ended({ kind: 'closed', code, reason });
  };

  function detach(): void {
    socket.onopen = socket.onmessage = socket.onclose = null;
  }

  return {
    send(text) {
      if (socket.readyState !== open) return;
      const error = unreadError(socket.bufferedAmount);
      if (error === null) {
        socket.send(text);
        return;
      }
      detach();
      socket.close();
      queueMicrotask(() => {
        events.ended({ kind: 'failed', error });
      });
    },
    close(closed) {
      detach();
      socket.onclose = closed;
      socket.close(1000);
      timer(goodbyeTimeout).subscribe(closed);
    },
    abandon() {
      detach();
      socket.close();
    },
  };
}

/** The platform's own, and within the origin of a page. */
export function platformFetch(): Fetch | undefined {
  const platform = globalThis as { fetch?: Fetch; location?: { origin: string } };
  const { fetch, location } = platform;
  if (fetch === undefined || location === undefined) return fetch;
  return (url, request) =>
    new URL(url).origin === location.origin
      ? fetch(url, request)
      : Promise.reject(new TypeError('another origin'));
}
