import type { Observable } from 'rxjs';
import type { Later } from '../async/index.js';
import type { BackoffOptions } from './backoff.js';
import type { ConnectionError } from './connection-error.js';
import type { HeartbeatOptions } from './heartbeat.js';
import type { TransportFault, TransportRequest, OpenTransport } from './transport.js';
import type { NetworkHint } from './network-hints.js';
import type { ConnectionStatus, Upstream } from './status.js';

export interface ConnectionSettings {
  readonly openTransport: OpenTransport;
  /** Asked anew for each attempt. */
  readonly request: () => Later<TransportRequest>;
  /** The text frame that the peer answers, whatever the answer. */
  readonly ping: string;
  /** How long an attempt may take until it is ready, in milliseconds. */
  readonly connectTimeout: number;
  readonly heartbeat: Required<HeartbeatOptions> | null;
  readonly reconnect: Required<BackoffOptions> | null;
  readonly hints$: Observable<NetworkHint>;
  /** Watched while the connection is ready; must not fail. */
  readonly upstream$: Observable<Upstream>;
  /** A number from 0 to 1, for the jitter. */
  readonly random: () => number;
  /** Runs what others see of this connection, in order: see `createSerializer`. */
  readonly turns: (task: () => void) => void;
}

/** What a connection reports of its current transport, and never of one that was given up. */
export interface ConnectionEvents {
  /** It is open: the moment for the handshake of a protocol. */
  opened?(): void;
  /** A text frame. */
  text(text: string, bytes: number, connection: number, receivedAt: number): void;
  /** A frame that is not wanted. */
  ignored(bytes: number, connection: number, receivedAt: number): void;
  fault(
    fault: TransportFault,
    bytes: number,
    excerpt: string,
    connection: number,
    receivedAt: number,
  ): void;
}

/** A websocket that comes back. */
export interface Connection {
  /** Replays the current state. Completes after `closed`. */
  readonly status$: Observable<ConnectionStatus>;
  /** Connects if it is idle. */
  open(): void;
  /**
   * The peer is known to send: the handshake of its protocol is done. `report` is called
   * in the same turn in which the others learn of it.
   */
  ready(report: (connection: number, readyAt: number) => void): void;
  /** Sends a text frame on the link that is open; whether there is one. */
  send(text: string): boolean;
  /** Gives up the link that is open, for a reason that its protocol has. */
  fail(error: ConnectionError): void;
  /** Goes back to idle, without an end. */
  rest(): void;
  /** The end. Resolves when every socket is closed too. */
  close(reason: 'closed' | 'aborted'): Promise<void>;
}
