import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import type { NotificationParams } from '../protocol/index.js';
import {
  streamOptionNames,
  streamSettings,
  type Resync,
  type StreamOptions,
} from '../stream/index.js';

/** What a client says of itself in the handshake. */
export interface ClientInfo {
  /**
   * ASCII text that is not empty: it becomes part of an HTTP header.
   *
   * @default `codex-rx`
   */
  readonly name?: string;
  /** @default the name */
  readonly title?: string;
  /** @default `0.0.0` */
  readonly version?: string;
}

/** The options of a stream of `codex app-server`, however it is reached. */
export interface AppServerStreamOptions extends StreamOptions {
  /** How this client names itself to the server: it shows in its user agent. */
  readonly client?: ClientInfo;

  /**
   * Asks for the experimental API: its methods, fields and notifications.
   *
   * @default false
   */
  readonly experimental?: boolean;

  /**
   * Notifications that the server is not to send. {@link deltaNotifications} and {@link
   * housekeepingNotifications} are a good start.
   *
   * @default none
   */
  readonly optOut?: readonly (keyof NotificationParams | (string & {}))[];

  /**
   * How long a call may take unless it says otherwise, in ms.
   *
   * @default 60,000
   */
  readonly callTimeout?: number;

  /**
   * How long a server request may wait until `requests.overdue$` emits it, in ms.
   *
   * @default 30,000
   */
  readonly overdueAfter?: number;

  /**
   * What to do with a server request that no route of the router and no handler of `requests`
   * takes: `leave` it open and visible, or `refuse` it with the error -32601. Subscribers of
   * `events$` do not count.
   *
   * @default `leave`
   */
  readonly unhandledRequests?: 'leave' | 'refuse';

  /**
   * Compares all that the server sends with the schema of the newest codex that was tested,
   * results of calls included: `drift()` then reports required properties that are missing, and
   * values of another kind. The stream loads the schema, some 150 kB, before it connects, and
   * each message takes more time. What you send is not checked.
   *
   * @default false
   */
  readonly drift?: boolean;

  /**
   * Learns what was missed while the stream was away. Runs when the threads are followed again; its
   * answer adds to `recovery$` of the gap.
   *
   * @default none
   */
  readonly resync?: Resync;
}

export const appServerOptionNames = [
  ...streamOptionNames,
  'client',
  'experimental',
  'optOut',
  'callTimeout',
  'overdueAfter',
  'unhandledRequests',
  'drift',
  'resync',
] as const satisfies readonly (keyof AppServerStreamOptions)[];

/** Checks options and fills in defaults: throws a TypeError that names the option. */
export function appServerSettings(options: AppServerStreamOptions) {
  const { client = {}, experimental = false, optOut = [], unhandledRequests = 'leave' } = options;
  mustBeKnown('client.', client, ['name', 'title', 'version']);
  const { name = 'codex-rx', title = name, version = '0.0.0' } = client;
  for (const [part, text] of Object.entries({ name, title, version })) {
    const isText = typeof text === 'string' && /^[ -~]+$/.test(text);
    mustBe(isText, `client.${part}`, 'text in ASCII that is not empty');
  }
  mustBe(typeof experimental === 'boolean', 'experimental', 'true or false');
  const { drift = false } = options;
  mustBe(typeof drift === 'boolean', 'drift', 'true or false');
  const areMethods = Array.isArray(optOut) && optOut.every((method) => typeof method === 'string');
  mustBe(areMethods, 'optOut', 'an array of methods');
  const isPolicy = ['leave', 'refuse'].includes(unhandledRequests);
  mustBe(isPolicy, 'unhandledRequests', '"leave" or "refuse"', unhandledRequests);
  const knowsUnhandled = !options.router || 'unhandled$' in options.router;
  const canRefuse = unhandledRequests === 'leave' || knowsUnhandled;
  mustBe(canRefuse, 'unhandledRequests', '"leave" with a router that has no "unhandled$"');
  const canResync = options.resync === undefined || has(options, 'resync');
  mustBe(canResync, 'resync', 'a function');
  return {
    ...amounts('', options, { callTimeout: 60_000, overdueAfter: 30_000 }),
    drift,
    stream: streamSettings(options),
    resync: options.resync ?? null,
    refuses: unhandledRequests === 'refuse',
    initialize: {
      clientInfo: { name, title, version },
      capabilities: { experimentalApi: experimental, optOutNotificationMethods: optOut },
    },
  };
}
