import type { OpenTransport, TransportEnd, TransportRequest } from '../../socket/index.js';

/** One websocket of a {@link FakeTransport}, played by a test. */
export interface FakeConnection {
  readonly request: TransportRequest;
  /** The text of each frame that the client sent. */
  readonly sent: readonly string[];
  /** How the client left it: with a close frame, or without. */
  readonly left: 'closed' | 'abandoned' | null;
  /** Lets the handshake succeed. */
  accept(): void;
  /** Sends a value as JSON. */
  send(frame: unknown): void;
  /** Sends text unchanged. */
  sendText(text: string): void;
  /** Ends it: by default, the server closes it. */
  end(end?: TransportEnd): void;
}

/** A transport whose servers are played by a test, in the test's own time. */
export interface FakeTransport {
  /** The `transport` option of a stream. */
  readonly open: OpenTransport;
  /** Every websocket that was opened, in order. */
  readonly connections: readonly FakeConnection[];
  /** The websocket opened last. */
  readonly last: FakeConnection;
}

/**
 * A transport for tests in virtual time, and for faults that a real server does not produce on
 * demand. Frames are sent even after the client has let go, as by a real network.
 *
 * @example
 * const fake = fakeTransport();
 * const stream = connectManager({ url: 'ws://fake', transport: fake.open });
 * void stream.connect();
 * fake.last.accept();
 * fake.last.send({ type: 'ready', threadId: null });
 */
export function fakeTransport(): FakeTransport {
  const connections: FakeConnection[] = [];
  return {
    connections,
    get last() {
      const connection = connections.at(-1);
      if (connection === undefined) throw new Error('No websocket was opened yet.');
      return connection;
    },
    open(request, events) {
      const sent: string[] = [];
      let left: FakeConnection['left'] = null;
      const connection: FakeConnection = {
        request,
        sent,
        get left() {
          return left;
        },
        accept() {
          events.opened();
        },
        send(frame) {
          connection.sendText(JSON.stringify(frame));
        },
        sendText(text) {
          if (request.ignore?.test(text)) events.ignored(text.length);
          else events.text(text, text.length);
        },
        end(end = { kind: 'closed', code: 1005, reason: '' }) {
          events.ended(end);
        },
      };
      connections.push(connection);
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
