import { timer } from 'rxjs';
import type { Envelope } from '../../envelope/index.js';
import type { OpenTransport } from '../../socket/index.js';
import { fakeTransport, type FakeConnection } from '../faults/fake-transport.js';

/** The event stream of a codex-manager in virtual time, played from outside. */
export interface MarbleServer {
  readonly open: OpenTransport;
  /** Whether a client has ever connected. */
  readonly wasConnected: () => boolean;
  readonly isAway: () => boolean;
  /** Sends a frame to the client, if it is connected. A string is sent unchanged. */
  readonly send: (frame: unknown) => void;
  /** Cuts the connection. */
  readonly cut: () => void;
  /** Cuts the connection, and cannot be reached. */
  readonly leave: () => void;
  /** Can be reached again. */
  readonly comeBack: () => void;
  /** Refuses each handshake from now on. */
  readonly refuse: () => void;
}

/** @param threadId The thread whose events are sent; `null`: those of all. */
export function createMarbleServer(threadId: string | null): MarbleServer {
  const socket = fakeTransport();
  let link: FakeConnection | null = null;
  let state: 'waiting' | 'open' = 'waiting';
  let isAway = false;
  let refuses = false;

  /** Accepts or refuses the client that waits. */
  function greet(): void {
    if (link === null || state === 'open' || isAway) return;
    if (refuses) {
      link.end({ kind: 'refused', status: 401 });
      return;
    }
    state = 'open';
    link.accept();
    link.send({ type: 'ready', threadId });
  }

  function cut(): void {
    if (state === 'open') link?.end({ kind: 'closed', code: 1006, reason: '' });
  }

  return {
    open(request, events) {
      const opened = socket.open(request, events);
      const client = socket.last;
      link = client;
      state = 'waiting';
      // A transport gets no event before `open` has returned.
      timer(0).subscribe(greet);
      const answer = () => {
        if (client.left === null && !isAway) client.send({ type: 'pong' });
      };
      return {
        ...opened,
        // Pings are all that a stream sends. They are answered in the same frame, so that an answer
        // is sent in the frame in which it is decided.
        send() {
          timer(0).subscribe(answer);
          return true;
        },
      };
    },
    wasConnected: () => link !== null,
    isAway: () => isAway,
    send(frame) {
      greet();
      if (isAway || state !== 'open' || link?.left !== null) return;
      const isReceived = threadId === null || (Object(frame) as Envelope).threadId === threadId;
      if (typeof frame === 'string') link.sendText(frame);
      else if (isReceived) link.send(frame);
    },
    cut,
    leave() {
      isAway = true;
      cut();
    },
    comeBack() {
      isAway = false;
      greet();
    },
    refuse() {
      refuses = true;
      cut();
      greet();
    },
  };
}
