import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import type { StreamLog } from '../text/index.js';
import type { Authorize } from './identity.js';

/** The options of `serveGateway`. */
export interface GatewayOptions {
  /**
   * The server to serve on, which is yours to start and to end. What is not below `base` goes to
   * its other listeners.
   *
   * @default a server on 127.0.0.1
   */
  readonly server?: Server;

  /**
   * The port of the gateway's own server.
   *
   * @default a free one
   */
  readonly port?: number;

  /**
   * What stands before `/api` in the paths, such as `/codex`.
   *
   * @default nothing
   */
  readonly base?: string;

  /**
   * The values of the `Host` header that are served, with the port where the url has one. Anything
   * else gets 421.
   *
   * @default `127.0.0.1` and `localhost`, with the port of the server
   */
  readonly hosts?: readonly string[];

  /**
   * The origins whose pages may connect, such as `https://codex.example.org`.
   *
   * @default those of the default `hosts`, over http
   */
  readonly origins?: readonly string[];

  /**
   * The token that every client brings; a function is asked for each one. It may see everything and
   * answer.
   *
   * @default a random one, which `gateway.token` shows; none if `authorize` decides
   */
  readonly token?: string | (() => string);

  /** Decides about each connection, after the token, if there is one. */
  readonly authorize?: Authorize;

  /**
   * Whether a request comes to websockets as the event of codex-manager's own too: `approval`,
   * `tool_call_requested` or `tool_user_input_requested`, for clients that listen to those.
   *
   * @default false
   */
  readonly aliases?: boolean;

  /**
   * A client whose socket holds more unread bytes gets nothing until it has read them. Never less
   * than the buffer that Node keeps for a socket.
   *
   * @default 1 MiB
   */
  readonly highWater?: number;

  /**
   * How long a client may leave what it was sent unread until it is cut off, in ms.
   *
   * @default 30,000
   */
  readonly stallTimeout?: number;

  /**
   * Gets what failed within the gateway. `false`: nothing is written.
   *
   * @default console
   */
  readonly log?: StreamLog | false;
}

const names = [
  'server',
  'port',
  'base',
  'hosts',
  'origins',
  'token',
  'authorize',
  'aliases',
  'highWater',
  'stallTimeout',
  'log',
] as const satisfies readonly (keyof GatewayOptions)[];

/** Where pages may be served from, and what they are. */
export type GatewaySettings = ReturnType<typeof gatewaySettings>;

/** Checks options and fills in defaults: throws a TypeError that names the option. */
export function gatewaySettings(options: GatewayOptions) {
  mustBeKnown('', options, names);
  const { server, base = '', hosts, origins, token, authorize, log = console } = options;
  const { aliases = false } = options;
  mustBe(server === undefined || has(server, 'listen'), 'server', 'a server of node:http');
  mustBe(
    server === undefined || options.port === undefined,
    'port',
    'left out: the server is yours',
  );
  mustBe(/^(\/[\w.~-]+)*$/.test(base), 'base', 'a path such as /codex, without a slash at its end');
  mustBe(hosts === undefined || areTexts(hosts), 'hosts', 'an array of hosts');
  mustBe(
    origins === undefined || (areTexts(origins) && origins.every(isOrigin)),
    'origins',
    'an array of origins such as https://codex.example.org',
  );
  mustBe(authorize === undefined || typeof authorize === 'function', 'authorize', 'a function');
  mustBe(typeof aliases === 'boolean', 'aliases', 'true or false');
  const isToken = typeof token === 'string' ? token !== '' : typeof token === 'function';
  mustBe(token === undefined || isToken, 'token', 'a text that is not empty, or a function');
  mustBe(
    !log || (has(log, 'warn') && has(log, 'error')),
    'log',
    'an object with warn and error, or false',
  );
  return {
    server,
    base,
    hosts: hosts?.map((host) => host.toLowerCase()),
    origins: origins?.map((origin) => origin.toLowerCase()),
    token: token ?? (authorize ? null : randomBytes(24).toString('base64url')),
    authorize,
    aliases,
    log,
    ...amounts('', options, { port: 0, highWater: 2 ** 20, stallTimeout: 30_000 }),
  };
}

const areTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text.toLowerCase();
}
