import { openWebSocket, sendsHeaders } from '#websocket';
import { map, tap, zip, type Observable } from 'rxjs';
import { later, mustBe, type Later, type Lazy } from '../options/index.js';
import type { StreamRouter } from '../router/index.js';
import {
  networkHints,
  type BackoffOptions,
  type ConnectionError,
  type HeartbeatOptions,
  type OpenLink,
} from '../socket/index.js';
import type { Resync, StreamSettings } from '../stream/index.js';
import { ignoredFrames } from './ignored-frames.js';
import { createRest, type Fetch, type Rest } from './rest.js';
import { streamUrl } from './stream-url.js';

export interface ManagerOptions {
  /**
   * Where codex-manager is: its base url or the url of its stream, `http(s):` or `ws(s):`. A
   * function is asked anew for each attempt to connect, and may answer later.
   */
  readonly url: Lazy<string | URL>;

  /** Asks the server for the events of this thread alone. Default: those of every thread. */
  readonly threadId?: string;

  /** HTTP headers of the handshake; a function is asked anew each time. Not in browsers. */
  readonly headers?: Lazy<Readonly<Record<string, string>>>;

  /** Runs the handlers. Default: a router of its own. */
  readonly router?: StreamRouter;

  /** Closes the stream when it is aborted. */
  readonly signal?: AbortSignal;

  /** How long an attempt to connect may take until the server is ready, in ms. Default: 10,000. */
  readonly connectTimeout?: number;

  /** When to ping, and when to give up a silent server; `false`: never. */
  readonly heartbeat?: HeartbeatOptions | false;

  /** When to try again; `false`: never, the stream closes with its connection. */
  readonly reconnect?: BackoffOptions | false;

  /**
   * Types of events that nobody wants; one that ends in `*` means all that begin so. Their frames
   * are counted and dropped unread. {@link managerDuplicates} is a good start. Default: none.
   */
  readonly ignore?: readonly string[];

  /**
   * Learns what was missed while the stream was away; its answer is on `recovery$` of the gap.
   * Default: asks the server which approvals, tool calls and questions are pending, in the thread
   * of the stream or the 100 that were heard last. `false`: nothing is asked.
   */
  readonly resync?: Resync | false;

  /**
   * When to ask the server whether its codex runs, which `status$` then tells as `upstream`;
   * `false`: never.
   */
  readonly health?: HealthOptions | false;

  /**
   * Asks the server's REST API. Default: the platform's; none beside a `socket` of your own, and
   * then nothing is asked.
   */
  readonly fetch?: Fetch;

  /** Longer frames go to `malformed$`, in bytes. Default: 64 MiB. */
  readonly maxFrameBytes?: number;

  /** How long to stay connected after the last subscriber has left, in ms. Default: 1,000. */
  readonly linger?: number;

  /** A number from 0 up to 1, for the jitter of reconnecting. Default: `Math.random`. */
  readonly random?: () => number;

  /** Opens the websocket. Default: `ws` in Node, the platform's WebSocket in browsers. */
  readonly socket?: OpenLink;
}

export interface HealthOptions {
  /** How long to wait between two questions, in ms. Default: 15,000. */
  readonly interval?: number;
}

/** What a stream is made with, but for what only a dialect knows. */
export interface ManagerSettings extends Omit<StreamSettings, 'upstream$' | 'resync'> {
  /** `null` if there is no `fetch`. */
  readonly rest: Rest | null;
  readonly healthInterval: number | null;
  readonly resync: Resync | false | undefined;
}

/** Checks options and fills in defaults: throws a TypeError that names the option. */
export function managerSettings(options: ManagerOptions): ManagerSettings {
  const { url, threadId, headers = {}, router, signal, random = Math.random } = { ...options };
  const { heartbeat = {}, reconnect = {}, health = {}, socket = openWebSocket } = { ...options };
  const {
    ignore = [],
    resync,
    fetch = socket === openWebSocket ? platformFetch() : undefined,
  } = {
    ...options,
  };

  const isThread = threadId === undefined || (typeof threadId === 'string' && threadId !== '');
  mustBe(isThread, 'threadId', 'a string that is not empty');
  // What is given as a value is checked at once; what is given as a function, with each answer.
  if (typeof url !== 'function') streamUrl(url, threadId);
  if (typeof headers !== 'function') checkHeaders(headers);
  const canSend = sendsHeaders || socket !== openWebSocket || options.headers === undefined;
  mustBe(canSend, 'headers', 'left out: a browser sends none');
  mustBe(typeof random === 'function', 'random', 'a function');
  mustBe(typeof socket === 'function', 'socket', 'a function');
  mustBe(!router || (has(router, 'on') && has(router, 'dispatch')), 'router', 'a StreamRouter');
  mustBe(!signal || has(signal, 'addEventListener'), 'signal', 'an AbortSignal');
  mustBe(fetch === undefined || typeof fetch === 'function', 'fetch', 'a function');
  mustBe(!resync || typeof resync === 'function', 'resync', 'a function, or false');
  const areTypes = Array.isArray(ignore) && ignore.every((type) => isAsciiText(type));
  mustBe(areTypes, 'ignore', 'an array of types in ASCII, each perhaps with a * at its end');
  const { connectTimeout, linger, maxFrameBytes } = amounts('', options, {
    connectTimeout: 10_000,
    linger: 1_000,
    maxFrameBytes: 64 * 2 ** 20,
  });

  const currentHeaders = () => answer(headers).pipe(map(checkHeaders));
  const filter = ignoredFrames(ignore);
  let lastUrl = '';

  return {
    openLink: socket,
    request: () =>
      zip(answer(url), currentHeaders()).pipe(
        map(([url, headers]) => ({
          url: streamUrl(url, threadId),
          headers,
          maxFrameBytes,
          ignore: filter,
        })),
        tap(({ url }) => (lastUrl = url)),
      ),
    rest: fetch ? createRest(() => lastUrl, currentHeaders, fetch) : null,
    healthInterval: group('health', health, { interval: 15_000 })?.interval ?? null,
    resync,
    hints$: networkHints(),
    ping: '{"type":"ping"}',
    connectTimeout,
    heartbeat: group('heartbeat', heartbeat, { interval: 15_000, timeout: 10_000 }),
    reconnect: reconnectOptions(reconnect),
    random,
    router,
    signal,
    linger,
  };
}

/** Trying again, or `null`. */
function reconnectOptions(given: BackoffOptions | false): Required<BackoffOptions> | null {
  const { shouldRetry = isWorthIt }: BackoffOptions = given || {};
  mustBe(typeof shouldRetry === 'function', 'reconnect.shouldRetry', 'a function');
  const numbers = group('reconnect', given, {
    base: 500,
    cap: 30_000,
    attempts: Infinity,
    stableAfter: 5_000,
  });
  return numbers && { ...numbers, shouldRetry };
}

const isWorthIt = ({ permanent }: ConnectionError): boolean => !permanent;

/** The platform's own: asked for with each call, so that it may still be replaced. */
function platformFetch(): Fetch | undefined {
  const platform = globalThis as { fetch?: Fetch };
  return platform.fetch && ((url, request) => (platform.fetch as Fetch)(url, request));
}

/** A value, or what a function answers, now or later. */
const answer = <T extends object | string>(value: Lazy<T>): Observable<T> =>
  later(() => (typeof value === 'function' ? (value as () => Later<T>)() : value));

const isAsciiText = (value: unknown): boolean =>
  typeof value === 'string' && /^[ -~]+$/.test(value);

/** Says which header is wrong, and never what it holds. */
function checkHeaders(headers: Readonly<Record<string, string>>): typeof headers {
  // Headers and Map would pass for objects without members.
  mustBe(isObject(headers) && !(Symbol.iterator in headers), 'headers', 'an object of strings');
  for (const [name, value] of Object.entries(headers)) {
    mustBe(typeof value === 'string', `headers.${name}`, 'a string');
  }
  return headers;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Whether a value, perhaps of another realm, has this method. */
const has = (value: unknown, method: string): boolean =>
  typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function';

/** Several options under one name, that `false` switches off. */
function group<const Standard extends Readonly<Record<string, number>>>(
  name: string,
  given: { readonly [Name in keyof Standard]?: number | undefined } | false,
  standard: Standard,
): Record<keyof Standard, number> | null {
  if (given === false) return null;
  mustBe(isObject(given), name, 'an object of options, or false');
  return amounts(`${name}.`, given, standard);
}

/**
 * Numbers that are given, or else standard: milliseconds and counts. Timers that are set for longer
 * than 2 ** 31 - 1 ms fire at once; that must do for `Infinity`.
 */
function amounts<const Standard extends Readonly<Record<string, number>>>(
  group: string,
  given: { readonly [Name in keyof Standard]?: number | undefined },
  standard: Standard,
): Record<keyof Standard, number> {
  const amountOf = ([name, usual]: [string, number]): [string, number] => {
    const { [name]: amount = usual }: Readonly<Record<string, unknown>> = given;
    const isNumber = typeof amount === 'number';
    const shown = isNumber ? amount : typeof amount;
    mustBe(isNumber && amount >= 0, group + name, 'a number, 0 or more', shown);
    return [name, Math.min(amount, 2 ** 31 - 1)];
  };
  return Object.fromEntries(Object.entries(standard).map(amountOf)) as never;
}
