import { Subject } from 'rxjs';
import { mustBe, mustBeKnown } from '../../options/index.js';
import { listen } from '../servers/loopback.js';
import { nextOf } from '../servers/next-of.js';
import { faultAnswer } from './answer.js';
import { faultConnection, type FaultConnection, type LiveConnection } from './connection.js';
import { reset } from './pipe.js';
import { change, readProxyFaults, soundWire, type ProxyFaults } from './settings.js';

/** Where a fault proxy listens, and where it forwards to. */
export interface FaultProxyOptions {
  /**
   * Where connections are forwarded to: an http: or ws: url, of which host and port count, or both
   * of them. The host's default: 127.0.0.1.
   */
  readonly target: string | { readonly host?: string; readonly port: number };
  /** @default a free port */
  readonly port?: number;
}

/** A TCP proxy whose faults a test plays. Without faults it forwards every byte and every end. */
export interface FaultProxy {
  /** Its base url, `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The connections that live, in order: those of which a socket is still open. */
  readonly connections: readonly FaultConnection[];
  /** How many connections it has accepted so far, the answered ones included, the refused not. */
  readonly accepted: number;
  /** Resolves with the next connection that it accepts; never, once it is closed. */
  connected(): Promise<FaultConnection>;
  /**
   * Changes the faults of all connections, those that live and those that come. `refuse` and
   * `answer` are for those that come.
   *
   * @throws TypeError that names the fault that is wrong. Nothing is changed then.
   */
  set(faults: ProxyFaults): void;
  /** Cuts every connection that lives: FIN on both sides, after what was already read. */
  cut(): void;
  /** Resets every connection that lives: RST on both sides, at once. */
  reset(): void;
  /** Resets every connection, and stops listening. Resolves when no socket and no timer is left. */
  close(): Promise<void>;
}

/**
 * Starts a TCP proxy on 127.0.0.1 that delays, throttles, splits, merges and loses the bytes that
 * it forwards, and that cuts, resets, refuses and answers connections. At most about 1 MiB waits in
 * each direction of a connection; then its source is paused. A target that cannot be reached is a
 * reset of the client. Node only.
 *
 * @throws TypeError that names the option that is wrong, or the error of `listen`, such as
 *   EADDRINUSE. The promise rejects with it.
 *
 * @example
 * const server = await startStreamServer();
 * const proxy = await startFaultProxy({ target: server.url });
 * const stream = connectManager({ url: proxy.url });
 * await stream.connect();
 * proxy.set({ delay: 50, split: { toClient: 3 } }); // slow, and in crumbs
 * proxy.set({ stall: true }); // the network is gone, without an end of the connection
 * proxy.set({ stall: false, answer: 503 }); // it is back, and the server is not ready
 * proxy.reset();
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  mustBeKnown('', options, ['target', 'port']);
  const target = readTarget(options.target);
  const { port = 0 } = options;
  mustBe(isPort(port), 'port', 'a port, 0 to 65535', port);
  const [net, { Duplex }] = await Promise.all([import('node:net'), import('node:stream')]);

  const connections = new Subject<FaultConnection>();
  const living = new Set<LiveConnection>();
  let faults = soundWire;
  let refuse = false;
  let answer: number | null = null;
  let accepted = 0;

  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refuse) {
      client.on('error', () => undefined);
      reset(client);
      return;
    }
    const upstream =
      answer === null
        ? net.connect({ ...target, allowHalfOpen: true, noDelay: true })
        : faultAnswer(answer, Duplex);
    const connection = faultConnection(client, upstream, faults);
    accepted++;
    living.add(connection);
    void connection.closed.then(() => living.delete(connection));
    connections.next(connection);
  });
  const { port: actual, close } = await listen(server, port);

  return {
    url: `http://127.0.0.1:${actual}`,
    get connections() {
      return [...living];
    },
    get accepted() {
      return accepted;
    },
    connected: () => nextOf(connections),
    set(given) {
      const changes = readProxyFaults(given);
      ({ refuse = refuse, answer = answer } = given);
      faults = change(faults, changes);
      for (const connection of living) connection.change(changes);
    },
    cut() {
      for (const connection of living) connection.cut();
    },
    reset() {
      for (const connection of living) connection.reset();
    },
    async close() {
      const closed = [...living].map((connection) => connection.closed);
      for (const connection of living) connection.reset();
      await Promise.all([close(), ...closed]);
    },
  };
}

const isPort = (port: unknown): port is number =>
  Number.isInteger(port) && (port as number) >= 0 && (port as number) < 2 ** 16;

/** Shows nothing of a url in its error: it may hold a token. */
function readTarget(target: FaultProxyOptions['target']): { host: string; port: number } {
  const what = 'an http: or ws: url, or an object of a host and a port';
  const isUrl = typeof target === 'string';
  mustBe(isUrl ? URL.canParse(target) : target instanceof Object, 'target', what);
  if (!isUrl) {
    const { host = '127.0.0.1', port } = target;
    mustBe(typeof host === 'string' && host !== '', 'target.host', 'a host');
    mustBe(isPort(port) && port > 0, 'target.port', 'a port, 1 to 65535', port);
    return { host, port };
  }
  const { protocol, hostname, port } = new URL(target);
  mustBe(protocol === 'http:' || protocol === 'ws:', 'target', what, protocol);
  // A url writes [::1] for the host ::1.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
}
