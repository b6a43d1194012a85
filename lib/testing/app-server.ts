import { Subject, take } from 'rxjs';
import { later, type Later } from '../options/index.js';
import type { AddressInfo, RawData, WebSocket, WebSocketServer } from 'ws';
import type { IncomingMessage, Server } from 'node:http';

export interface FakeAppServerOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** The bearer token that a handshake must bring. Default: none is asked for. */
  readonly token?: string;
}

/** What answers a call or a server request: its result, or an error of JSON-RPC. */
export type FakeAnswer =
  | { readonly result: unknown }
  | {
      readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
    };

/** Answers a call, now or later; `null` never answers it. */
export type FakeMethod = (params: Readonly<Record<string, unknown>>) => Later<FakeAnswer | null>;

/** One client of a fake server. */
export interface FakeAppServerSocket {
  /** The HTTP headers that it came with. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The text of every frame that it sent. */
  readonly received: readonly string[];
  /** Sends it text, or bytes as a binary frame, as they are. */
  sendRaw(data: string | Uint8Array): void;
  /** Cuts it off without a goodbye. */
  terminate(): void;
}

/** A `codex app-server` without a codex: its handshake and its rules on a real websocket. */
export interface FakeAppServer {
  /** Where it listens: `ws://127.0.0.1:<port>`. */
  readonly url: string;
  readonly sockets: readonly FakeAppServerSocket[];
  /** The text of every frame that any client ever sent. */
  readonly received: readonly string[];
  /** Resolves with the next client that connects. */
  connected(): Promise<FakeAppServerSocket>;
  /** Answers a method, in the place of what answered it before. */
  handle(method: string, answer: FakeMethod): void;
  /** Sends a notification to who follows a thread; to everybody if that is `null`. */
  notify(threadId: string | null, method: string, params: object): void;
  /**
   * Asks who follows a thread, and who resumes it later. Resolves with the first answer, whoever
   * gives it; never, if the server is restarted before.
   */
  request(threadId: string, method: string, params: object): Promise<FakeAnswer>;
  /** Sends text, or bytes as a binary frame, to every client. */
  sendRaw(data: string | Uint8Array): void;
  /** Cuts every client off without a goodbye. */
  terminate(): void;
  /** Forgets its requests, counts them from 0 again, unloads all threads, and cuts everybody off. */
  restart(): void;
  /** Cuts everybody off, and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks JSON-RPC as `codex app-server` does, on 127.0.0.1, as measured on the
 * real one: `initialize` first, no `Origin`, never a close frame, one count of server requests,
 * which go to who follows the thread and are sent again when it is resumed. It answers
 * `thread/start`, `thread/resume`, `thread/unsubscribe` and `thread/loaded/list`; the rest is up to
 * `handle`. Node only.
 *
 * @example
 * const server = await startFakeAppServer();
 * const stream = connectAppServer({ url: server.url });
 * const { thread } = await stream.call('thread/start', {});
 * const answer = await server.request(thread.id, 'item/tool/call', { … });
 */
export async function startFakeAppServer(
  options: FakeAppServerOptions = {},
): Promise<FakeAppServer> {
  const [{ WebSocketServer }, { createServer }] = await Promise.all([
    import('ws'),
    import('node:http'),
  ]);
  const connections = new Subject<Client>();
  const clients = new Set<Client>();
  const received: string[] = [];
  const pending = new Map<unknown, Pending>();
  /** All threads there are, and those of them that are loaded. */
  const threads = new Set<unknown>();
  const loaded = new Set<unknown>();
  let requests = 0;

  const methods = new Map<string, FakeMethod>([
    ['thread/start', () => threadResult(`thread-${threads.size + 1}`)],
    [
      'thread/resume',
      ({ threadId: id }) =>
        threads.has(id) ? threadResult(id) : invalid(`thread not found: ${String(id)}`),
    ],
    ['thread/loaded/list', () => ({ result: { data: [...loaded], nextCursor: null } })],
  ]);

  const http: Server = createServer((_request, response) => {
    response.writeHead(400, { connection: 'close' }).end();
  });
  const server: WebSocketServer = new WebSocketServer({
    server: http,
    verifyClient(
      { req: { headers } }: { req: IncomingMessage },
      answer: (accepted: boolean, status?: number) => void,
    ) {
      const isKnown =
        options.token === undefined || headers.authorization === `Bearer ${options.token}`;
      if ('origin' in headers) answer(false, 403);
      else answer(isKnown, 401);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  server.on('connection', (socket, request) => {
    const client = clientOf(socket, request);
    clients.add(client);
    // The real server never sends a close frame, not even to answer one.
    socket.close = () => {
      socket.terminate();
    };
    socket.on('error', () => undefined);
    socket.on('close', () => clients.delete(client));
    socket.on('message', (data: RawData, isBinary) => {
      const text = (data as Buffer).toString();
      client.received.push(text);
      received.push(text);
      const message = isBinary ? null : readFrame(text);
      if (message?.method !== undefined) call(client, message, message.method);
      else if (message !== null && client.isInitialized) settle(message);
    });
    connections.next(client);
  });

  function call(client: Client, { id, params = {} }: Frame, method: string): void {
    if (id === undefined) return;
    const reply = (answer: FakeAnswer) => {
      client.sendRaw(JSON.stringify({ id, ...answer }));
    };
    if (method === 'initialize') {
      reply(client.isInitialized ? invalid('Already initialized') : { result: serverInfo });
      client.isInitialized = true;
    } else if (!client.isInitialized) reply(invalid('Not initialized'));
    else if (method === 'thread/unsubscribe') {
      const status = client.follows.delete(params['threadId']) ? 'unsubscribed' : 'notSubscribed';
      reply({ result: { status } });
    } else {
      const answer = methods.get(method) ?? (() => invalid(unknown(method)));
      later(() => answer(params)).subscribe((answered) => {
        if (answered === null) return;
        reply(answered);
        if ('result' in answered && following.has(method)) follow(client, answered.result);
      });
    }
  }

  /** A client follows a thread from now on: it is asked what is still open there. */
  function follow(client: Client, result: unknown): void {
    const { id } = (result as { thread: { id: string } }).thread;
    const isNew = !threads.has(id);
    for (const ids of [threads, loaded, client.follows]) ids.add(id);
    if (isNew) notify(null, 'thread/started', { thread: { id } });
    for (const { threadId, text } of pending.values()) if (threadId === id) client.sendRaw(text);
  }

  function settle({ id, ...answer }: Frame): void {
    const request = pending.get(id);
    if (!request) return;
    const { threadId, method, answered } = request;
    pending.delete(id);
    if (method !== 'item/tool/call') {
      notify(threadId, 'serverRequest/resolved', { threadId, requestId: id });
    }
    answered(answer as FakeAnswer);
  }

  function send(threadId: string | null, text: string): void {
    for (const client of clients) {
      const isMeant = threadId === null ? client.isInitialized : client.follows.has(threadId);
      if (isMeant) client.sendRaw(text);
    }
  }

  function notify(threadId: string | null, method: string, params: object): void {
    send(threadId, JSON.stringify({ method, params, emittedAtMs: Date.now() }));
  }

  function terminate(): void {
    for (const client of clients) client.terminate();
  }

  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    received,
    get sockets() {
      return [...clients];
    },
    connected: () =>
      new Promise((resolve) => {
        connections.pipe(take(1)).subscribe(resolve);
      }),
    handle(method, answer) {
      methods.set(method, answer);
    },
    notify,
    request: (threadId, method, params) =>
      new Promise((answered) => {
        const id = requests++;
        const text = JSON.stringify({ method, id, params });
        pending.set(id, { threadId, method, text, answered });
        send(threadId, text);
      }),
    sendRaw(data) {
      for (const client of clients) client.sendRaw(data);
    },
    terminate,
    restart() {
      requests = 0;
      pending.clear();
      loaded.clear();
      terminate();
    },
    close() {
      terminate();
      return new Promise((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      });
    },
  };
}

interface Client extends FakeAppServerSocket {
  readonly received: string[];
  /** The threads whose events it gets. */
  readonly follows: Set<unknown>;
  isInitialized: boolean;
}

interface Pending {
  readonly threadId: string;
  readonly method: string;
  readonly text: string;
  readonly answered: (answer: FakeAnswer) => void;
}

interface Frame {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

const serverInfo = {
  userAgent: 'codex-rx-testing/0.0.0',
  codexHome: '/codex-home',
  platformFamily: 'unix',
  platformOs: 'linux',
};

/** Methods whose caller follows the thread of their result. */
const following: ReadonlySet<string> = new Set(['thread/start', 'thread/resume', 'thread/fork']);

const threadResult = (id: unknown): FakeAnswer => ({ result: { thread: { id } } });

const invalid = (message: string): FakeAnswer => ({ error: { code: -32600, message } });

const unknown = (method: string) => `Invalid request: unknown variant \`${method}\``;

function clientOf(socket: WebSocket, { headers }: IncomingMessage): Client {
  return {
    headers,
    received: [],
    follows: new Set(),
    isInitialized: false,
    sendRaw(data) {
      socket.send(data, { binary: typeof data !== 'string' });
    },
    terminate() {
      socket.terminate();
    },
  };
}

/** What is no message is ignored. */
function readFrame(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' ? frame : null;
  } catch {
    return null;
  }
}
