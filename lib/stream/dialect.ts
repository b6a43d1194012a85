import type { Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from '../router/index.js';
import type { ConnectionError } from '../socket/index.js';
import type { Recovery } from './codex-stream.js';

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

  /** What else handlers learn of the event that was read just now. */
  context?(): Pick<StreamContext, 'seq' | 'redelivered' | 'settled'>;
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
   * @param recovery$ What is learned of it: one value, then it completes; never an error.
   */
  gap(since: number, duration: number, recovery$: Observable<Recovery>): void;
  /** Gives up the connection. */
  fail(error: ConnectionError): void;
  /**
   * Lets pending `await`s continue before the next frame is read. Frames wait for no more than a
   * few microtasks.
   */
  yield(): void;
}
