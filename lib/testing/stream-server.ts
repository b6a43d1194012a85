import { firstValueFrom, Subject, take, takeUntil, timer } from 'rxjs';
import type { AddressInfo, RawData, WebSocket, WebSocketServer } from 'ws';
import type { IncomingMessage, Server } from 'node:http';
import type { RecordedEntry, Recording } from './recording.js';

export interface StreamServerOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** The HTTP status to refuse a handshake with, or `null` to accept it. Default: accepts all. */
  readonly refuse?: (request: { readonly url: string; readonly headers: Headers }) => number | null;
  /** Whether a new socket gets its `ready` frame. Default: true. */
  readonly greets?: boolean;
  /** Whether a `ping` gets its `pong`. Default: true. */
  readonly pongs?: boolean;
  /**
   * Answers a request to the REST API; `null` leaves it to the default: the codex runs, and no
   * session is waiting for anything.
   */
  readonly rest?: (
    request: RestRequest,
  ) => { readonly status: number; readonly body: unknown } | null;
}

export interface RestRequest {
  readonly method: string;
  /** The path and the query. */
  readonly url: string;
  readonly headers: Headers;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One client, seen from the server. */
export interface ServerSocket {
  /** The path and query that it came with. */
  readonly url: string;
  readonly headers: Headers;
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
 * does not understand. Node only.
 *
 * @example
 * const server = await startStreamServer();
 * const stream = connectManager({ url: server.url });
 * await stream.connect();
 * server.send(notification('turn/started', …));
 */
export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  const [{ WebSocketServer }, { createServer }] = await Promise.all([
    import('ws'),
    import('node:http'),
  ]);
  const { refuse = () => null, rest = () => null, greets = true, pongs = true } = options;
  const connections = new Subject<ServerSocket>();
  const clients = new Set<Client>();
  const closed = new Subject<void>();
  let listening = true;

  const http: Server = createServer((request, response) => {
    const { method, url, headers } = request as IncomingMessage & RestRequest;
    const { status, body } = rest({ method, url, headers }) ?? restAnswer(url);
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  });
  const server: WebSocketServer = new WebSocketServer({
    server: http,
    verifyClient(
      { req }: { req: IncomingMessage },
      answer: (accepted: boolean, status?: number) => void,
    ) {
      const status = refuse({ url: req.url as string, headers: req.headers });
      answer(status === null, status ?? undefined);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  server.on('connection', (socket, request) => {
    const client = serve(socket, request, { greets, pongs });
    clients.add(client);
    socket.on('close', () => clients.delete(client));
    connections.next(client);
  });

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get sockets() {
      return [...clients];
    },
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
      return new Promise((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      });
    },
  };
}

function restAnswer(url: string): { readonly status: number; readonly body: unknown } {
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
  socket: WebSocket,
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
  socket.on('error', () => undefined);
  socket.on('message', (data: RawData) => {
    const text = (data as Buffer).toString();
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

/** An empty or a repeated threadId filters nothing. */
function filterOf(url: string): string | null {
  const [threadId, ...more] = new URL(url, 'http://127.0.0.1').searchParams.getAll('threadId');
  return threadId && more.length === 0 ? threadId : null;
}

type Command =
  | { readonly type: 'ping' | 'unsubscribe' }
  | { readonly type: 'subscribe'; readonly threadId: string };

function readCommand(text: string): Command | null {
  try {
    const command = JSON.parse(text) as { type?: unknown; threadId?: unknown } | null;
    if (command?.type === 'ping' || command?.type === 'unsubscribe') return { type: command.type };
    const { type, threadId } = command ?? {};
    if (type === 'subscribe' && typeof threadId === 'string' && threadId !== '') {
      return { type, threadId };
    }
  } catch {
    // Not JSON: no command.
  }
  return null;
}

/** Types that every socket gets, whatever it is filtered to. */
const broadcast =
  /^(account_\w+|app_list_updated|mcp_oauth_completed|project_\w+|session_project_updated|session_deleted)$/;

/** Whether the real server sends an envelope to a socket with this filter. */
export const reaches = (
  { type, threadId }: { readonly type: string; readonly threadId?: string | null },
  filter: string | null,
): boolean => filter === null || threadId === filter || broadcast.test(type);
