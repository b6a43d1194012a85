import { mustBeKnown } from '../../options/index.js';
import { Subject } from 'rxjs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toObservable, type Later } from '../../async/index.js';
import type { RecordedEntry, Recording } from '../../recording/index.js';
import { playAtPace } from './at-pace.js';
import { readBody, replyJson } from './http.js';
import { jsonOr } from './json-or.js';
import { createWebServer, listen, type HttpHeaders, type LoopbackSocket } from './loopback.js';
import { nextOf } from './next-of.js';
import { clientSocket, type ClientSocket } from './client-socket.js';
import { entriesOf } from './play-recording.js';
import type { RestCall, RestReply, RestRequest } from './rest-request.js';
import { filterOf, reaches, readCommand } from '../../manager/stream-protocol.js';

/** How a fake stream server listens, and what it answers. */
export interface StreamServerOptions {
  /** @default a free port */
  readonly port?: number;
  /**
   * The HTTP status to refuse a handshake with, or `null` to accept it.
   *
   * @default accepts all
   */
  readonly refuse?: (request: {
    readonly url: string;
    readonly headers: HttpHeaders;
  }) => number | null;
  /**
   * Whether a new socket gets its `ready` frame.
   *
   * @default true
   */
  readonly greets?: boolean;
  /**
   * Whether a `ping` gets its `pong`.
   *
   * @default true
   */
  readonly pongs?: boolean;
  /**
   * Answers a request to the REST API, now or later; `null` leaves it to the default: the codex
   * runs, and no request is pending. Bodies of more than 1 MiB never come here: they get 413.
   */
  readonly rest?: (request: RestRequest) => Later<RestReply | null>;
}

/** One client of a codex-manager. */
export interface ServerSocket extends ClientSocket {
  /** The path and query of its handshake. */
  readonly url: string;
  /** The thread that it is filtered to, `null` for all. */
  readonly threadId: string | null;
  /** Sends it a frame as JSON, whatever its filter. */
  send(frame: unknown): void;
  /** Closes it as the real server does: code 1005, unless another is given. */
  close(code?: number, reason?: string): void;
}

/** A codex-manager without a codex: its stream protocol on a real websocket. */
export interface StreamServer {
  /** Its base url, `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly sockets: readonly ServerSocket[];
  /** Every request to its REST API, in order. */
  readonly calls: readonly RestCall[];
  /** Resolves with the next client that connects. */
  connected(): Promise<ServerSocket>;
  /** Sends an envelope to every client that the real server would send it to. */
  send(frame: { readonly type: string; readonly threadId?: string | null }): void;
  /**
   * Sends the frames of a server in a recording to all clients: at once, or `speed` times as fast
   * as they were recorded. Resolves after the last frame.
   */
  play(
    recording: Recording | readonly RecordedEntry[],
    options?: { readonly speed?: number },
  ): Promise<void>;
  /** Drops every connection, and stops listening. */
  close(): Promise<void>;
}

export const streamServerOptionNames = [
  'port',
  'refuse',
  'greets',
  'pongs',
  'rest',
] as const satisfies readonly (keyof StreamServerOptions)[];

/**
 * Starts a server that speaks codex-manager's stream protocol on 127.0.0.1, as measured on the real
 * one: `ready` first, one thread filter per socket, `ping`/`pong`, no replay, `error` for an
 * unknown command. It knows nothing of sessions: `startFakeManager` does. Node only.
 *
 * @example
 * const server = await startStreamServer();
 * const stream = connectManager({ url: server.url });
 * await stream.connect();
 * server.send(notification('turn/started'));
 */
export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  mustBeKnown('', options, streamServerOptionNames);
  const { refuse = () => null, rest = () => null, greets = true, pongs = true } = options;
  const connections = new Subject<ServerSocket>();
  const clients = new Set<Client>();
  const calls: Writable<RestCall>[] = [];
  const closed = new Subject<void>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request as IncomingMessage & RestRequest;
    const call: Writable<RestCall> = { method, url, headers, body: undefined, status: null };
    calls.push(call);
    const reply = ({ status, body }: RestReply) => {
      call.status = status;
      replyJson(response, status, body);
    };
    const text = await readBody(request, maxBytes);
    if (text === null) {
      reply(tooLarge);
      return;
    }
    call.body = jsonOr(text, undefined);
    // Not awaited: `rest` decides what is sent before the reply and what after it.
    toObservable(() => rest(call)).subscribe((answered) => {
      reply(answered ?? restAnswer(url));
    });
  }

  const web = await createWebServer(
    (request, response) => {
      // A client may leave before its body has ended.
      answer(request, response).catch(() => undefined);
    },
    ({ url, headers }, settle) => {
      const status = refuse({ url: url as string, headers });
      settle(status === null ? null : { status });
    },
    (socket, request) => {
      const client = serve(socket, request, { greets, pongs });
      clients.add(client);
      socket.on('close', () => clients.delete(client));
      connections.next(client);
    },
  );
  const { port, close } = await listen(web, options.port ?? 0);

  return {
    url: `http://127.0.0.1:${port}`,
    get sockets() {
      return [...clients];
    },
    calls,
    connected: () => nextOf(connections),
    send(frame) {
      for (const client of clients) if (reaches(frame, client.threadId)) client.send(frame);
    },
    play(recording, options = {}) {
      mustBeKnown('', options, ['speed']);
      const { speed = Infinity } = options;
      const sent = entriesOf(recording).filter(({ dir }) => dir === 'in');
      return playAtPace(sent, speed, closed, ({ frame, text }) => {
        for (const client of clients) client.sendRaw(text ?? JSON.stringify(frame));
      });
    },
    close() {
      closed.next();
      return close();
    },
  };
}

/** The largest body that codex-manager reads, in bytes. */
const maxBytes = 2 ** 20;

const tooLarge: RestReply = {
  status: 413,
  body: { status: 'error', code: 'request_failed', message: 'Request body is too large' },
};

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function restAnswer(url: string): RestReply {
  if (url.startsWith('/api/health')) {
    return { status: 200, body: { status: 'ok', codex: { running: true } } };
  }
  const isList = /^\/api\/sessions\/[^/]+\/(approvals|tool-calls|tool-input)\b/.test(url);
  return isList
    ? { status: 200, body: { data: [] } }
    : { status: 404, body: { status: 'not_found' } };
}

type Client = ServerSocket & { threadId: string | null };

function serve(
  socket: LoopbackSocket,
  request: IncomingMessage,
  { greets, pongs }: { readonly greets: boolean; readonly pongs: boolean },
): Client {
  const url = request.url as string;
  const client: Client = {
    ...clientSocket(socket, request),
    url,
    threadId: filterOf(url),
    send(frame) {
      client.sendRaw(JSON.stringify(frame));
    },
    close(code, reason) {
      socket.close(code, reason);
    },
  };
  socket.on('message', (data) => {
    const text = data.toString();
    if (text === '') return;
    const command = readCommand(text);
    if (command === null) client.send({ type: 'error', message: 'invalid websocket command' });
    else if (command.type === 'subscribe') client.threadId = command.threadId;
    else if (command.type === 'unsubscribe') client.threadId = null;
    else if (pongs) client.send({ type: 'pong' });
  });
  if (greets) client.send({ type: 'ready', threadId: client.threadId });
  return client;
}
