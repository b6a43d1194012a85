import type { LinkEnd, LinkEvents, LinkRequest, OpenLink } from '../socket/index.js';

/** One websocket of a {@link FakeSocket}, played by a test. */
export interface FakeLink {
  readonly request: LinkRequest;
  /** What the client sent. */
  readonly sent: readonly string[];
  /** How the client left it: it said goodbye, or let go of it. */
  readonly left: 'closed' | 'abandoned' | null;
  /** Lets the handshake succeed. */
  accept(): void;
  /** Sends a value as JSON. */
  send(frame: unknown): void;
  /** Sends text as it is. */
  sendText(text: string): void;
  /** Ends it: by default, the server closes it. */
  end(end?: LinkEnd): void;
}

/** A transport whose servers are played by a test, in the test's own time. */
export interface FakeSocket {
  /** The `socket` option of a stream. */
  readonly open: OpenLink;
  /** Every websocket that was opened, in order. */
  readonly links: readonly FakeLink[];
  /** The websocket opened last. */
  readonly last: FakeLink;
}

/**
 * A transport for tests in virtual time, and for faults that a real server does not produce on
 * demand. What it plays after the client has let go is sent all the same, as by a real network.
 *
 * @example
 * const socket = fakeSocket();
 * const stream = connectManager({ url: 'ws://fake', socket: socket.open });
 * void stream.connect();
 * socket.last.accept();
 * socket.last.send({ type: 'ready', threadId: null });
 */
export function fakeSocket(): FakeSocket {
  const links: FakeLink[] = [];
  return {
    links,
    get last() {
      const link = links.at(-1);
      if (link === undefined) throw new Error('No websocket was opened yet.');
      return link;
    },
    open(request, events) {
      const sent: string[] = [];
      let left: FakeLink['left'] = null;
      links.push(playedBy(request, events, sent, () => left));
      return {
        send(text) {
          sent.push(text);
        },
        close(closed) {
          left = 'closed';
          closed();
        },
        abandon() {
          left = 'abandoned';
        },
      };
    },
  };
}

const playedBy = (
  request: LinkRequest,
  events: LinkEvents,
  sent: readonly string[],
  left: () => FakeLink['left'],
): FakeLink => ({
  request,
  sent,
  get left() {
    return left();
  },
  accept() {
    events.opened();
  },
  send(frame) {
    this.sendText(JSON.stringify(frame));
  },
  sendText(text) {
    if (request.ignore?.test(text)) events.ignored(text.length);
    else events.text(text, text.length);
  },
  end(end = { kind: 'closed', code: 1005, reason: '' }) {
    events.ended(end);
  },
});
