import type { Duplex } from 'node:stream';
import { faultPipe, reset } from './pipe.js';
import { readFaults, type Faults, type Wire, type WireChanges } from './settings.js';

/** One client of a proxy, and its connection to the target. */
export interface FaultConnection {
  /** How many bytes of the target were forwarded to the client. */
  readonly bytesToClient: number;
  /** How many bytes of the client were forwarded to the target. */
  readonly bytesToServer: number;
  /**
   * Changes the faults of this connection.
   *
   * @throws TypeError that names the fault that is wrong. Nothing is changed then.
   */
  set(faults: Faults): void;
  /** Ends both sides with FIN, after what was already read is forwarded to them. */
  cut(): void;
  /** Ends both sides with RST, at once. */
  reset(): void;
}

export interface LiveConnection extends FaultConnection {
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<unknown>;
  /** Changes faults that were read. */
  change(changes: WireChanges): void;
}

export function faultConnection(client: Duplex, server: Duplex, faults: Wire): LiveConnection {
  const toClient = faultPipe(server, client, faults.toClient);
  const toServer = faultPipe(client, server, faults.toServer);
  const change = (changes: WireChanges) => {
    toClient.set(changes.toClient);
    toServer.set(changes.toServer);
  };
  return {
    change,
    closed: Promise.all([closing(client), closing(server)]),
    get bytesToClient() {
      return toClient.forwarded;
    },
    get bytesToServer() {
      return toServer.forwarded;
    },
    set(given) {
      change(readFaults(given));
    },
    cut() {
      toClient.cut();
      toServer.cut();
    },
    reset() {
      reset(client);
      reset(server);
    },
  };
}

const closing = (socket: Duplex) =>
  new Promise<void>((resolve) => {
    socket.once('close', resolve);
  });
