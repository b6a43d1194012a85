import { amounts, amountsOrOff, has, mustBe } from '../options/index.js';
import type { StreamRouter } from '../router/index.js';
import type { StreamLog } from '../text/index.js';
import {
  networkHints,
  type BackoffOptions,
  type ConnectionError,
  type HeartbeatOptions,
  type OpenTransport,
} from '../socket/index.js';
import type { StreamSettings } from './create-stream.js';

/** The options of every stream, whatever its source. */
export interface StreamOptions {
  /**
   * Runs the handlers.
   *
   * @default a new router
   */
  readonly router?: StreamRouter;

  /** Closes the stream when it is aborted. */
  readonly signal?: AbortSignal;

  /**
   * How long an attempt to connect may take until the server is ready, in ms.
   *
   * @default 10,000
   */
  readonly connectTimeout?: number;

  /** When to ping, and when to give a silent server up; `false`: never. */
  readonly heartbeat?: HeartbeatOptions | false;

  /** When to reconnect; `false`: never, the stream closes with its connection. */
  readonly reconnect?: BackoffOptions | false;

  /**
   * Longer frames go to `malformed$`, in bytes.
   *
   * @default 64 MiB
   */
  readonly maxFrameBytes?: number;

  /**
   * How long to stay connected after the last subscriber has left, in ms.
   *
   * @default 1,000
   */
  readonly linger?: number;

  /**
   * A number from 0 up to 1, for the jitter of reconnecting.
   *
   * @default `Math.random`
   */
  readonly random?: () => number;

  /**
   * Gets handler errors that no subscriber of `router.errors$` hears, malformed frames (the first
   * of each kind) that no subscriber of `malformed$` hears, and always the first failure to connect
   * and each change of its reason. `false`: nothing is written. What it throws is ignored.
   *
   * @default console
   */
  readonly log?: StreamLog | false;

  /**
   * Opens the connection.
   *
   * @default `ws` in Node, the platform's WebSocket in browsers
   */
  readonly transport?: OpenTransport;
}

export const streamOptionNames = [
  'router',
  'signal',
  'connectTimeout',
  'heartbeat',
  'reconnect',
  'maxFrameBytes',
  'linger',
  'random',
  'log',
  'transport',
] as const satisfies readonly (keyof StreamOptions)[];

type OwnSettings = 'openTransport' | 'request' | 'ping' | 'upstream$' | 'resync';

/** Checks options and fills in defaults: throws a TypeError that names the option. */
export function streamSettings(
  options: StreamOptions,
): Omit<StreamSettings, OwnSettings> & { readonly maxFrameBytes: number } {
  const { router, signal, random = Math.random, transport, log = console } = options;
  const { heartbeat = {}, reconnect = {} } = options;
  mustBe(typeof random === 'function', 'random', 'a function');
  mustBe(transport === undefined || typeof transport === 'function', 'transport', 'a function');
  mustBe(!router || (has(router, 'on') && has(router, 'dispatch')), 'router', 'a StreamRouter');
  mustBe(!signal || has(signal, 'addEventListener'), 'signal', 'an AbortSignal');
  mustBe(
    !log || (has(log, 'warn') && has(log, 'error')),
    'log',
    'an object with warn and error, or false',
  );
  return {
    log,
    ...amounts('', options, {
      connectTimeout: 10_000,
      linger: 1_000,
      maxFrameBytes: 64 * 2 ** 20,
    }),
    heartbeat: amountsOrOff('heartbeat', heartbeat, { interval: 15_000, timeout: 10_000 }),
    reconnect: reconnectOptions(reconnect),
    hints$: networkHints(),
    random,
    router,
    signal,
  };
}

/** Trying again, or `null`. */
function reconnectOptions(given: BackoffOptions | false): Required<BackoffOptions> | null {
  const { shouldRetry = isWorthIt }: BackoffOptions = given || {};
  mustBe(typeof shouldRetry === 'function', 'reconnect.shouldRetry', 'a function');
  const standard = { base: 500, cap: 30_000, attempts: Infinity, stableAfter: 5_000 };
  const numbers = amountsOrOff('reconnect', given, standard, ['shouldRetry']);
  return numbers && { ...numbers, shouldRetry };
}

const isWorthIt = ({ permanent }: ConnectionError): boolean => !permanent;
