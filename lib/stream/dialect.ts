import type { Observable } from 'rxjs';
import type { Envelope, EnvelopeError } from '../envelope/index.js';
import type { Recovery } from '../requests/index.js';
import type { Interest, StreamContext } from '../router/index.js';
import type { ConnectionError } from '../socket/index.js';
import type { Gap, GapReplay } from './codex-stream.js';
import type { InterestFilter } from './interest-filter.js';

/** What differs from source to source: how to talk to its server, and how to read its frames. */
export interface Dialect {
  /** The thread that the connection is filtered to, or `null`. */
  threadId(): string | null;

  /** A connection is open: the moment for a handshake. */
  opened?(peer: ConnectionControl): void;

  /**
   * Reads a text frame: an event, or `null` for a frame that is none.
   *
   * @throws EnvelopeError for a frame that cannot be read.
   */
  read(text: string, peer: ConnectionControl): Envelope | null;

  /** What else handlers learn of the event that was read last: its number, for one. */
  context?(): Pick<StreamContext, 'seq' | 'redelivered' | 'settled'> | null;

  /** What the server replays of the gap that ends now. */
  replay?(): GapReplay | null;

  /** Drops frames that are not wanted, instead of `ignore` of the request. */
  readonly unrouted?: ((interest: Interest) => InterestFilter) | undefined;
}

/** The server, as a dialect deals with it. */
export interface ConnectionControl {
  /** It is known to send from now on. */
  ready(): void;
  /** Sends a text frame: whether there is a connection to send it on. */
  readonly send: (text: string) => boolean;
  /**
   * Announces a gap of which the source itself reports, before the next event.
   *
   * @param recovery$ What is learned of it: one value, then it completes; never an error. Left out,
   *   the stream's `resync` learns it.
   */
  gap(facts: Pick<Gap, 'since' | 'duration' | 'replay'>, recovery$?: Observable<Recovery>): void;
  /** Reports a frame that the server could not read, and its size in bytes. */
  malformed(error: EnvelopeError, bytes: number): void;
  /** Gives up the connection. */
  fail(error: ConnectionError): void;
  /**
   * Lets pending `await`s continue before the next frame is read. Frames wait for no more than a
   * few microtasks.
   */
  yield(): void;
}
