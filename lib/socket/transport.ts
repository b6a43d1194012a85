/** What a websocket is opened with. */
export interface TransportRequest {
  /** A `ws:` or `wss:` url. */
  readonly url: string;
  /** HTTP headers of the handshake. Browsers cannot send any. */
  readonly headers: Readonly<Record<string, string>>;
  /** The subprotocols that are offered, the preferred one first. */
  readonly protocols?: readonly string[];
  /** Longer frames are not delivered, in bytes (in a browser: UTF-16 units). */
  readonly maxFrameBytes: number;
  /** Which text frames are not wanted: they are reported as `ignored`, and need not be decoded. */
  readonly ignore?: FrameFilter | null;
}

/** Knows frames by how they begin. */
export interface FrameFilter {
  /** How much of its beginning decides about a frame, in UTF-16 units. */
  readonly length: number;
  /** Whether the filter means a frame, given at least that much of its beginning. */
  readonly test: (head: string) => boolean;
  /**
   * The same for a frame as it came over the wire: a transport that has bytes need not decode them.
   */
  readonly testBytes?: (frame: Uint8Array) => boolean;
  /**
   * Whether it follows what is wanted at the moment, and says nothing of what a recording should
   * have: a transport that records has the frames, too, that are dropped.
   *
   * @default false
   */
  readonly isMomentary?: boolean;
}

/**
 * How a connection ended, or why it never began. `location`: where a redirect leads, without
 * credentials and query. `permanent`: trying again is of no use. `stderr`: the last of what a child
 * process wrote to it.
 */
export type TransportEnd =
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly location?: string | undefined;
      readonly reason?: string;
    }
  | { readonly kind: 'failed'; readonly error: unknown; readonly permanent?: boolean }
  | {
      readonly kind: 'exited';
      readonly code: number | null;
      readonly signal: string | null;
      readonly stderr: string;
    };

/** Why a frame was not delivered. */
export type TransportFault = 'binary' | 'not-utf8' | 'too-large';

/**
 * What a transport reports of its connection. `at` is when a frame came, in milliseconds
 * since the epoch; left out, it came now.
 */
export interface TransportEvents {
  opened(): void;
  text(text: string, bytes: number, at?: number): void;
  /** A text frame that `ignore` means. */
  ignored(bytes: number, at?: number): void;
  /** A frame that was not delivered, and how it begins. */
  fault(fault: TransportFault, bytes: number, excerpt: string): void;
  /** The end: reported at most once, and nothing after it. */
  ended(end: TransportEnd): void;
}

/** One websocket. After `close` or `abandon` it reports nothing more. */
export interface Transport {
  /** Sends a text frame; does nothing if the socket is not open. */
  send(text: string): void;
  /**
   * Sends a close frame and calls `closed` when the peer has closed, or after a moment; possibly
   * both.
   */
  close(closed: () => void): void;
  /** Lets go of the socket at once, without waiting for a peer that may be gone. */
  abandon(): void;
}

/**
 * Opens a websocket. Inject one to bring a transport of your own; `codex-rx/testing` has one whose
 * time and faults a test controls. Must not call `events` before it has returned.
 */
export type OpenTransport = (request: TransportRequest, events: TransportEvents) => Transport;

/** How long `close` waits for the peer, in milliseconds. */
export const goodbyeTimeout = 1_000;

/** How much may wait for a server that reads nothing, in bytes. */
const maxUnreadBytes = 64 * 2 ** 20;

/**
 * The error of a connection whose server reads too little of what is sent; `null` if it keeps up.
 */
export const unreadError = (waitingBytes: number): Error | null =>
  waitingBytes > maxUnreadBytes
    ? new Error(`the server does not read: ${waitingBytes} bytes wait to be sent`)
    : null;

/** How much of a frame that is not delivered is enough to show how it begins. */
export const excerptBytes = 1_000;
