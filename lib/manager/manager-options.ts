import { openWebSocket, platformFetch, sendsHeaders } from '#websocket';
import { map, of, Subject, tap, zip } from 'rxjs';
import { resolveLazy, type Lazy } from '../async/index.js';
import type { EnvelopeError } from '../envelope/index.js';
import { amounts, amountsOrOff, has, mustBe, mustBeKnown } from '../options/index.js';
import type { Fetch } from '../socket/index.js';
import {
  checkHeaders,
  checkProtocols,
  streamOptionNames,
  streamSettings,
  type Headers,
  type Resync,
  type StreamOptions,
  type StreamSettings,
} from '../stream/index.js';
import { ignoredFrames } from './ignored-frames.js';
import { createPosition, type Position } from './position.js';
import { createRest, reporting, type Rest } from './rest.js';
import { streamUrl } from './stream-url.js';

/** The options of `connectManager`. */
export interface ManagerOptions extends StreamOptions {
  /**
   * Where codex-manager is: its base url or the url of its stream, `http(s):` or `ws(s):`. A
   * function is asked anew for each attempt to connect, and may answer later.
   */
  readonly url: Lazy<string | URL>;

  /**
   * Asks the server for the events of this thread alone.
   *
   * @default the events of every thread
   */
  readonly threadId?: string;

  /** HTTP headers of the handshake; a function is asked anew each time. Not in browsers. */
  readonly headers?: Lazy<Headers>;

  /**
   * The subprotocols that the handshake offers, the preferred one first; a function is asked anew
   * each time. The REST API is asked without them. Works in browsers too.
   *
   * @default none
   */
  readonly protocols?: Lazy<readonly string[]>;

  /**
   * The bearer token of a gateway; a function is asked anew each time. In browsers, whose websocket
   * sends no headers, it goes as a subprotocol: letters, digits and `-._~+`.
   *
   * With it, or with `after=` in the url, the gateway is asked to number its events, so that a gap is
   * replayed.
   *
   * @default none
   */
  readonly token?: Lazy<string>;

  /**
   * Types of events that are not wanted; one that ends in `*` stands for all types that begin like
   * that. Their frames are counted and dropped unread. {@link managerDuplicates} is a good start.
   *
   * `'unrouted'`: drops what no route, subscriber of `events$`, request, skill or state wants now,
   * by its type and thread. It follows routes as they come and go; handlers see the same events in
   * the same order. A matcher that is first in a pipe of `events$` says what that pipe wants; any
   * other subscriber wants everything: `metrics().allWantedBy` lists those. A dropped frame is not
   * checked, so `malformed$` does not report it, and of a member that a frame has twice, the first
   * one decides.
   *
   * @default none
   */
  readonly ignore?: readonly string[] | 'unrouted';

  /**
   * Learns what was missed while the stream was away; its answer is on `recovery$` of the gap.
   * `false`: nothing is asked, not even at the first connection.
   *
   * @default asks the server which approvals, tool calls and questions are pending: in the thread
   * of the stream, or in every session for the kinds that are served or observed
   */
  readonly resync?: Resync | false;

  /**
   * About how many sessions a stream without `threadId` asks what is pending whenever it connects,
   * the newest first: see `Recovery.skipped`. 0: only those whose requests are open.
   *
   * @default 200
   */
  readonly recoverSessions?: number;

  /**
   * How often to ask the server whether its codex runs: `status$` has the answer as `upstream`.
   * `false`: never.
   */
  readonly health?: HealthOptions | false;

  /**
   * How long a server request may wait until `requests.overdue$` emits it, in ms.
   *
   * @default 30,000
   */
  readonly overdueAfter?: number;

  /**
   * Calls the server's REST API. A page calls it on its own origin only, since codex-manager lets
   * no other page read its answers.
   *
   * @default the platform's `fetch`; none with a `transport` of your own, and then nothing is asked
   */
  readonly fetch?: Fetch;
}

const managerOptionNames = [
  ...streamOptionNames,
  'url',
  'threadId',
  'headers',
  'protocols',
  'token',
  'ignore',
  'resync',
  'recoverSessions',
  'health',
  'overdueAfter',
  'fetch',
] as const satisfies readonly (keyof ManagerOptions)[];

/** How the health of the server is asked for. */
export interface HealthOptions {
  /**
   * How long to wait between two questions, in ms.
   *
   * @default 15,000
   */
  readonly interval?: number;
}

/** What a stream is made with, but for what only a dialect knows. */
export interface ManagerSettings extends Omit<StreamSettings, 'upstream$' | 'resync'> {
  /** `null` if there is no `fetch`. */
  readonly rest: Rest | null;
  readonly healthInterval: number | null;
  readonly resync: Resync | false | undefined;
  readonly overdueAfter: number;
  readonly position: Position;
  readonly recoverSessions: number;
  /** Whether frames are dropped that nothing wants. */
  readonly dropsUnrouted: boolean;
}

/** Checks options and fills in defaults: throws a TypeError that names the option. */
export function managerSettings(options: ManagerOptions): ManagerSettings {
  const { url, threadId, headers = {}, health = {}, ignore = [], resync } = { ...options };
  const { protocols = [], token = '' } = { ...options };
  const { transport = openWebSocket } = { ...options };
  const { fetch = transport === openWebSocket ? platformFetch() : undefined } = { ...options };

  mustBeKnown('', { ...options }, managerOptionNames);
  const isThread = threadId === undefined || (typeof threadId === 'string' && threadId !== '');
  mustBe(isThread, 'threadId', 'a string that is not empty');
  // What is given as a value is checked at once; what is given as a function, with each answer.
  if (typeof url !== 'function') streamUrl(url, threadId);
  if (typeof headers !== 'function') checkHeaders(headers);
  if (typeof protocols !== 'function') checkProtocols(protocols);
  const canSendHeaders = sendsHeaders || transport !== openWebSocket;
  const canSend = canSendHeaders || options.headers === undefined;
  mustBe(canSend, 'headers', 'left out: a browser sends none');
  mustBe(fetch === undefined || typeof fetch === 'function', 'fetch', 'a function');
  mustBe(!resync || typeof resync === 'function', 'resync', 'a function, or false');
  const dropsUnrouted = ignore === 'unrouted';
  const types = dropsUnrouted ? [] : ignore;
  const areTypes = Array.isArray(types) && types.every((type) => isAsciiText(type));
  const what = 'an array of types in ASCII, each perhaps with a * at its end, or "unrouted"';
  mustBe(areTypes, 'ignore', what);
  const { router } = { ...options };
  const canTell = !dropsUnrouted || !router || has(router.interest, 'wants');
  mustBe(canTell, 'ignore', 'an array of types: your "router" has no "interest", and cannot tell');
  const { maxFrameBytes, ...settings } = streamSettings(options);

  const isText = typeof token === 'string' || typeof token === 'function';
  mustBe(isText, 'token', 'a string, or a function');
  const position = createPosition();
  const currentToken = () => resolveLazy(token);
  const currentHeaders = () =>
    zip(resolveLazy(headers), currentToken()).pipe(
      map(([headers, token]) => ({
        ...checkHeaders(headers),
        ...(token && { authorization: `Bearer ${token}` }),
      })),
    );
  const filter = ignoredFrames(types);
  const currentUrl = () => resolveLazy(url).pipe(map((url) => streamUrl(url, threadId)));
  const unreadable = new Subject<readonly [EnvelopeError, number]>();
  let lastUrl = '';
  /** As it was last connected to: to ask for it may use up a ticket. */
  const knownUrl = () => (lastUrl === '' ? currentUrl() : of(lastUrl));

  return {
    ...settings,
    openTransport: transport,
    request: () =>
      zip(currentUrl(), currentHeaders(), resolveLazy(protocols), currentToken()).pipe(
        tap(([url]) => (lastUrl = url)),
        map(([url, headers, protocols, token]) => ({
          url: withPosition(url, token !== '', position.after()),
          headers: canSendHeaders ? headers : {},
          protocols: checkProtocols(
            token && !canSendHeaders ? [...protocols, 'codex-rx', `bearer.${token}`] : protocols,
          ),
          maxFrameBytes,
          ignore: filter,
        })),
      ),
    rest: fetch
      ? reporting(createRest(knownUrl, currentHeaders, fetch, maxFrameBytes), unreadable)
      : null,
    unreadable$: unreadable,
    healthInterval: amountsOrOff('health', health, { interval: 15_000 })?.interval ?? null,
    resync,
    position,
    ...amounts('', options, { overdueAfter: 30_000, recoverSessions: 200 }),
    dropsUnrouted,
    ping: '{"type":"ping"}',
  };
}

/**
 * Asks a gateway for numbers, where there is one: by a token, or by an `after` in the url. Of any other
 * url the query is kept, byte for byte: it may be signed.
 */
function withPosition(url: string, hasToken: boolean, after: string): string {
  const given = /[?&]after=([^&]*)/.exec(url);
  if (given) return url.replace(given[0], `${given[0].charAt(0)}after=${after || given[1]}`);
  return hasToken ? `${url}${url.includes('?') ? '&' : '?'}after=${after}` : url;
}

const isAsciiText = (value: unknown): boolean =>
  typeof value === 'string' && /^[ -~]+$/.test(value);
