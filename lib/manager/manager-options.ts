import { openWebSocket, sendsHeaders } from '#websocket';
import { defer, from, isObservable, map, of, zip, type Observable } from 'rxjs';
import type { StreamRouter } from '../router/index.js';
import type { BackoffOptions, HeartbeatOptions, OpenLink } from '../socket/index.js';
import type { StreamSettings } from '../stream/index.js';
import { streamUrl } from './stream-url.js';

/** A value, now or later. */
type Answer<T> = T | PromiseLike<T> | Observable<T>;

/** A value, or a function that is asked for it. */
type Lazy<T> = T | (() => Answer<T>);

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

  /** Longer frames go to `malformed$`, in bytes. Default: 64 MiB. */
  readonly maxFrameBytes?: number;

  /** How long to stay connected after the last subscriber has left, in ms. Default: 1,000. */
  readonly linger?: number;

  /** A number from 0 up to 1, for the jitter of reconnecting. Default: `Math.random`. */
  readonly random?: () => number;

  /** Opens the websocket. Default: `ws` in Node, the platform's WebSocket in browsers. */
  readonly socket?: OpenLink;
}

/** Checks options and fills in defaults: throws a TypeError or RangeError that names the option. */
export function managerSettings(options: ManagerOptions): StreamSettings {
  if ((options as Partial<ManagerOptions> | null | undefined)?.url === undefined) {
    throw new TypeError('connectManager needs a "url".');
  }
  const { url, headers, random = Math.random } = options;
  const threadId = threadOption(options.threadId);
  // What is given as a value is checked at once; what is given as a function, with each answer.
  if (typeof url !== 'function') streamUrl(url, threadId);
  if (headers !== undefined && !sendsHeaders && options.socket === undefined) {
    throw new TypeError('"headers": a browser cannot send headers with a websocket handshake.');
  }
  if (headers !== undefined && typeof headers !== 'function') headersOption(headers);
  functionOption('random', random);
  functionOption('socket', options.socket ?? openWebSocket);
  const heartbeat = groupOption('heartbeat', options.heartbeat);
  const reconnect = groupOption('reconnect', options.reconnect);
  const maxFrameBytes = amount('maxFrameBytes', options.maxFrameBytes, 64 * 2 ** 20);
  return {
    openLink: options.socket ?? openWebSocket,
    request: () =>
      zip(answer(url), answer(headers ?? {})).pipe(
        map(([url, headers]) => ({
          url: streamUrl(url, threadId),
          headers: headersOption(headers),
          maxFrameBytes,
        })),
      ),
    ping: '{"type":"ping"}',
    connectTimeout: duration('connectTimeout', options.connectTimeout, 10_000),
    heartbeat: heartbeat && {
      interval: duration('heartbeat.interval', heartbeat.interval, 15_000),
      timeout: duration('heartbeat.timeout', heartbeat.timeout, 10_000, 1),
    },
    reconnect: reconnect && {
      base: duration('reconnect.base', reconnect.base, 500),
      cap: duration('reconnect.cap', reconnect.cap, 30_000),
      attempts: amount('reconnect.attempts', reconnect.attempts, Infinity),
      stableAfter: amount('reconnect.stableAfter', reconnect.stableAfter, 5_000),
    },
    random,
    router: routerOption(options.router),
    signal: signalOption(options.signal),
    linger: duration('linger', options.linger, 1_000),
  };
}

/** A value, or what a function answers, now or later. */
const answer = <T extends object | string>(value: Lazy<T>): Observable<T> =>
  defer(() => {
    const answered = typeof value === 'function' ? (value as () => Answer<T>)() : value;
    return isLater(answered) ? from(answered) : of(answered);
  });

const isLater = <T>(answered: Answer<T>): answered is PromiseLike<T> | Observable<T> =>
  isObservable(answered) ||
  typeof (answered as Partial<PromiseLike<T>> | undefined)?.then === 'function';

function threadOption(threadId: string | undefined): string | null {
  if (threadId === undefined) return null;
  if (typeof threadId === 'string' && threadId !== '') return threadId;
  throw new TypeError('"threadId" must be a string that is not empty.');
}

/** Says which header is wrong, and never what it holds. */
function headersOption(headers: Readonly<Record<string, string>>): typeof headers {
  const given: unknown = headers;
  // Headers and Map would pass for objects without members.
  if (typeof given !== 'object' || given === null || Symbol.iterator in given) {
    throw new TypeError('"headers" must be an object of strings.');
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw new TypeError(`"headers": ${name} must be a string.`);
  }
  return headers;
}

function functionOption(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`"${name}" must be a function.`);
}

function routerOption(router: StreamRouter | undefined): typeof router {
  if (router === undefined) return router;
  if (typeof router.on === 'function' && typeof router.dispatch === 'function') return router;
  throw new TypeError('"router" must have on() and dispatch(), as those of createRouter() do.');
}

function signalOption(signal: AbortSignal | undefined): typeof signal {
  if (signal === undefined || typeof signal.addEventListener === 'function') return signal;
  throw new TypeError('"signal" must be an AbortSignal.');
}

/** Several options under one name, that `false` switches off. */
function groupOption<T extends object>(name: string, value: T | false | undefined): T | null {
  if (value === undefined) return {} as T;
  if (value === false) return null;
  if (typeof value === 'object' && (value as unknown) !== null) return value;
  throw new TypeError(`"${name}" must be an object of options, or false.`);
}

/** Milliseconds. Timers that are set for longer fire at once; `Infinity` is three weeks and a half. */
const duration = (name: string, value: unknown, standard: number, least = 0): number =>
  Math.min(amount(name, value, standard, least), 2 ** 31 - 1);

function amount(name: string, value: unknown, standard: number, least = 0): number {
  if (value === undefined) return standard;
  if (typeof value === 'number' && value >= least) return value;
  const given = typeof value === 'number' ? value : typeof value;
  throw new RangeError(`"${name}" must be a number, ${least} or more, and not ${given}.`);
}
