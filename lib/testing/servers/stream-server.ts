import { firstValueFrom, Subject, take, takeUntil, timer } from 'rxjs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toObservable, type Later } from '../../async/index.js';
import { startLoopbackServer, type HttpHeaders, type LoopbackSocket } from './loopback-server.js';
import type { RecordedEntry, Recording } from '../../recording/index.js';
import {
  readJson,
  tooLarge,
  type RestCall,
  type RestReply,
  type RestRequest,
} from './rest-request.js';
import { filterOf, reaches, readCommand } from './stream-protocol.js';

export interface StreamServerOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** The HTTP status to refuse a handshake with, or `null` to accept it. Default: accepts all. */
  readonly refuse?: (request: {
    readonly url: string;
    readonly headers: HttpHeaders;
  }) => number | null;
  /** Whether a new socket gets its `ready` frame. Default: true. */
  readonly greets?: boolean;
  /** Whether a `ping` gets its `pong`. Default: true. */
  readonly pongs?: boolean;
  /**
   * Answers a request to the REST API, now or later; `null` leaves it to the default: the codex
   * runs, and no session is waiting for anything. Bodies of more than 1 MiB never come here: they
   * are answered with 413.
   */
  readonly rest?: (request: RestRequest) => Later<RestReply | null>;
}

/** One client, seen from the server. */
export interface ServerSocket {
  /** The path and query that it came with. */
  readonly url: string;
  readonly headers: HttpHeaders;
  /** The thread that it is filtered to, `null` for all. */
  readonly threadId: string | null;
  /** The text of every frame that it sent. */
  readonly received: readonly string[];
  /** Sends it a frame as JSON, whatever its filter. */
  send(frame: unknown): void;
  /** Sends it text, or bytes as a binary frame, as they are. */
  sendRaw(data: string | Uint8Array): void;
  /** Closes it as the real server does: code 1005, unless another is given. */
  close(code?: number, reason?: string): void;
  /** Cuts it off without a goodbye. */
  terminate(): void;
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
   * Sends what a server sent in a recording, to all clients: at once, or `speed` times as fast as
   * it was recorded. Resolves after the last frame.
   */
  play(
    recording: Recording | readonly RecordedEntry[],
    options?: { readonly speed?: number },
  ): Promise<void>;
  /** Cuts every client off, and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks codex-manager's stream protocol on 127.0.0.1, as measured on the real
 * one: `ready` first, one thread filter per socket, `ping`/`pong`, no replay, `error` for what it
 * does not understand. It knows nothing of sessions: `startFakeManager` does. Node only.
 *
 * @example
 * const server = await startStreamServer();
 * const stream = connectManager({ url: server.url });
 * await stream.connect();
 * server.send(notification('turn/started', …));
 */
export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  const { refuse = () => null, rest = () => null, greets = true, pongs = true } = options;
  const connections = new Subject<ServerSocket>();
  const clients = new Set<Client>();
  const calls: Writable<RestCall>[] = [];
  const closed = new Subject<void>();
  let listening = true;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request as IncomingMessage & RestRequest;
    const call: Writable<RestCall> = { method, url, headers, body: undefined, status: null };
    calls.push(call);
    const reply = ({ status, body }: RestReply) => {
      call.status = status;
      response.writeHead(status, { 'content-type': json, connection: 'close' });
      response.end(JSON.stringify(body));
    };
    const read = await readJson(request);
    if (read === null) {
      reply(tooLarge);
      return;
    }
    call.body = read.body;
    // Not awaited: what is sent before the reply, and what after it, is the caller's to say.
    toObservable(() => rest(call)).subscribe((answered) => {
      reply(answered ?? restAnswer(url));
    });
  }

  const { port, close } = await startLoopbackServer(
    options.port ?? 0,
    (request, response) => {
      // A client that gives up before its body has ended.
      answer(request, response).catch(() => undefined);
    },
    ({ url, headers }) => {
      const status = refuse({ url: url as string, headers });
      return status === null ? null : { status };
    },
    (socket, request) => {
      const client = serve(socket, request, { greets, pongs });
      clients.add(client);
      socket.on('close', () => clients.delete(client));
      connections.next(client);
    },
  );

  return {
    url: `http://127.0.0.1:${port}`,
    get sockets() {
      return [...clients];
    },
    calls,
    connected: () =>
      new Promise((resolve) => {
        connections.pipe(take(1)).subscribe(resolve);
      }),
    send(frame) {
      for (const client of clients) if (reaches(frame, client.threadId)) client.send(frame);
    },
    async play(recording, { speed = Infinity } = {}) {
      const entries = 'header' in recording ? recording.entries : recording;
      const sent = entries.filter(({ dir }) => dir === 'in');
      const begin = sent[0]?.t ?? 0;
      const start = performance.now();
      for (const { t, frame, text } of sent) {
        const wait = (t - begin) / speed - (performance.now() - start);
        if (wait > 1)
          await firstValueFrom(timer(wait).pipe(takeUntil(closed)), { defaultValue: 0 });
        if (!listening) return;
        for (const client of clients) client.sendRaw(text ?? JSON.stringify(frame));
      }
    },
    close() {
      listening = false;
      closed.next();
      for (const client of clients) client.terminate();
      return close();
    },
  };
}

const json = 'application/json; charset=utf-8';

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
  const received: string[] = [];
  const client: Client = {
    url,
    headers: request.headers,
    threadId: filterOf(url),
    received,
    send(frame) {
      socket.send(JSON.stringify(frame));
    },
    sendRaw(data) {
      socket.send(data, { binary: typeof data !== 'string' });
    },
    close(code, reason) {
      socket.close(code, reason);
    },
    terminate() {
      socket.terminate();
    },
  };
  socket.on('message', (data) => {
    const text = data.toString();
    received.push(text);
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
