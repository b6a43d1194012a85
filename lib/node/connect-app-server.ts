import { map, of, zip } from 'rxjs';
import {
  appServerOptionNames,
  createAppServerStream,
  type AppServerStream,
  type AppServerStreamOptions,
  type ExperimentalMethods,
  type Endpoint,
} from '../app-server/index.js';
import { resolveLazy, type Lazy } from '../async/index.js';
import { mustBe, mustBeKnown } from '../options/index.js';
import { checkHeaders, checkProtocols, type Headers } from '../stream/index.js';
import type { ChildProcessOptions } from './child-process-options.js';
import { openChildProcess } from './child-process.js';
import { unixUrl } from './unix-url.js';
import { openWebSocket } from './websocket.js';

/** The options of `connectAppServer`. */
export interface AppServerOptions extends AppServerStreamOptions {
  /**
   * Where the server listens: `ws://127.0.0.1:4500`, `wss:` behind a proxy, or
   * `unix:///path/x.sock`. A function is asked anew for each attempt to connect, and may answer
   * later.
   *
   * @default none: a server is started over stdio
   */
  readonly url?: Lazy<string | URL>;

  /** The bearer token of a server that asks for one; a function is asked anew each time. */
  readonly token?: Lazy<string>;

  /** More HTTP headers of the handshake. Never `Origin`: the server answers 403 to that. */
  readonly headers?: Lazy<Headers>;

  /**
   * The subprotocols that the handshake offers, the preferred one first; a function is asked anew
   * each time.
   *
   * @default none
   */
  readonly protocols?: Lazy<readonly string[]>;

  /**
   * The server to start, which speaks over stdio, if there is no `url`.
   *
   * @default `codex app-server`
   */
  readonly process?: ChildProcessOptions;
}

/** The same with the experimental API: `call` has its methods and fields too. */
export function connectAppServer(
  options: AppServerOptions & { readonly experimental: true },
): AppServerStream<ExperimentalMethods>;
/**
 * Connects to a `codex app-server`: over a websocket, over a unix socket, or to one that it starts
 * itself and talks to over stdio. Its events are those of codex-manager, so operators and handlers
 * do not know the difference.
 *
 * @example
 * const stream = connectAppServer({ url: 'ws://127.0.0.1:4500' });
 * stream.on(ofAppServer('item/agentMessage/delta'), (event) => {
 *   process.stdout.write(event.payload.params.delta);
 * });
 * const { thread } = await stream.call('thread/start', { cwd: '/work' });
 * const input = [{ type: 'text', text: 'Hello', text_elements: [] }] as const;
 * await stream.call('turn/start', { threadId: thread.id, input });
 *
 * @throws TypeError that names the option that is wrong.
 */
export function connectAppServer(options?: AppServerOptions): AppServerStream;
export function connectAppServer(options: AppServerOptions = {}): AppServerStream {
  mustBeKnown('', options, [...appServerOptionNames, ...ownOptionNames]);
  return createAppServerStream(options, transportOf(options));
}

const ownOptionNames = ['url', 'token', 'headers', 'protocols', 'process'] as const;

function transportOf(options: AppServerOptions): Endpoint {
  const { url, token, headers = {}, protocols = [], process, transport } = options;
  if (url === undefined) {
    for (const name of ['token', 'headers', 'protocols'] as const) {
      mustBe(options[name] === undefined, 'url', `given where there is "${name}"`);
    }
    return {
      openTransport: transport ?? openChildProcess(process),
      request: (maxFrameBytes) => of({ url: '', headers: {}, maxFrameBytes }),
    };
  }
  mustBe(process === undefined, 'process', 'left out where there is a "url"');
  if (typeof url !== 'function') socketUrl(url);
  if (typeof headers !== 'function') withToken(headers, undefined);
  if (typeof token !== 'function') withToken({}, token);
  if (typeof protocols !== 'function') checkProtocols(protocols);
  return {
    openTransport: transport ?? openWebSocket,
    request: (maxFrameBytes) =>
      zip(
        resolveLazy(url),
        resolveLazy(headers),
        token === undefined ? of(token) : resolveLazy(token),
        resolveLazy(protocols),
      ).pipe(
        map(([url, headers, token, protocols]) => ({
          url: socketUrl(url),
          headers: withToken(headers, token),
          protocols: checkProtocols(protocols),
          maxFrameBytes,
        })),
      ),
  };
}

/** @throws TypeError that shows no part of the url that may hold a token. */
function socketUrl(url: string | URL): string {
  const text = String(url);
  if (text.startsWith('unix:')) return unixUrl(text);
  const isUrl = URL.canParse(text) && /^(ws|http)s?:/.test(text);
  mustBe(isUrl, 'url', 'a ws:, wss: or unix: url such as ws://127.0.0.1:4500');
  return text.replace(/^http/, 'ws');
}

function withToken(headers: Headers, token: string | undefined): Headers {
  const origin = Object.keys(checkHeaders(headers)).some((name) => /^origin$/i.test(name));
  mustBe(!origin, 'headers', 'without "Origin": the server refuses it');
  if (token === undefined) return headers;
  mustBe(typeof token === 'string' && token !== '', 'token', 'a string that is not empty');
  return { ...headers, authorization: `Bearer ${token}` };
}
