import type { GatewayFrame } from 'codex-rx/testing';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';

/** What is wrong with a toy of codex-manager. */
export type ManagerFlaw =
  | 'greets without a filter'
  | 'no pong for bytes'
  | 'bad commands in silence'
  | 'an error for nothing'
  | 'subscriptions acknowledged'
  | 'an echo to others'
  | 'silent of its codex'
  | '404 for unknown sessions'
  | '200 for unknown requests'
  | 'events of no thread withheld'
  | 'no filter'
  | 'filters everything'
  | 'filters add up';

/** What is wrong with a toy of `codex app-server`. */
export type AppServerFlaw =
  | 'calls before initialize'
  | 'jsonrpc'
  | 'initialize again and again'
  | 'waits for initialized'
  | 'method not found'
  | 'bytes are frames'
  | 'any origin'
  | 'any token';

export interface Toy {
  readonly url: string;
  emit(frame: GatewayFrame): void;
  close(): Promise<void>;
}

type Headers = IncomingMessage['headers'];

async function listen(
  http: Server,
  refuse: (headers: Headers) => number | null,
  serve: (socket: WebSocket, request: IncomingMessage) => void,
): Promise<Omit<Toy, 'emit'>> {
  const server = new WebSocketServer({
    server: http,
    verifyClient: ({ req }, answer) => {
      const status = refuse(req.headers);
      answer(status === null, status ?? undefined);
    },
  });
  server.on('connection', serve);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** A codex-manager as small as can be, with one thing wrong. */
export async function startToyManager(flaw?: ManagerFlaw): Promise<Toy> {
  const filters = new Map<WebSocket, string[]>();
  const say = (socket: WebSocket, frame: object) => {
    socket.send(JSON.stringify(frame));
  };
  const http = createServer(({ url = '', method }, response) => {
    const [status, body] = url.startsWith('/api/health')
      ? [200, flaw === 'silent of its codex' ? {} : { codex: { running: true } }]
      : method === 'GET' && flaw !== '404 for unknown sessions'
        ? [200, { data: [] }]
        : [flaw === '200 for unknown requests' ? 200 : 404, {}];
    response.writeHead(status, { connection: 'close' }).end(JSON.stringify(body));
  });

  function command(socket: WebSocket, text: string): void {
    if (text === '') {
      if (flaw === 'an error for nothing') say(socket, { type: 'error', message: 'nothing' });
      return;
    }
    const { type, threadId } = Object(parse(text)) as { type?: string; threadId?: unknown };
    if (flaw === 'an echo to others') {
      for (const other of filters.keys()) if (other !== socket && type !== 'ping') other.send(text);
    }
    const isSubscribe = type === 'subscribe' && typeof threadId === 'string' && threadId !== '';
    if (type === 'ping') say(socket, { type: 'pong' });
    else if (isSubscribe || type === 'unsubscribe') {
      if (flaw === 'subscriptions acknowledged') say(socket, { type: 'ok' });
      const kept = flaw === 'filters add up' ? (filters.get(socket) ?? []) : [];
      filters.set(socket, isSubscribe ? [...kept, threadId] : []);
    } else if (flaw !== 'bad commands in silence') {
      say(socket, { type: 'error', message: 'invalid websocket command' });
    }
  }

  const toy = await listen(
    http,
    () => null,
    (socket, { url = '' }) => {
      const [threadId, ...more] = new URL(url, 'http://x').searchParams.getAll('threadId');
      const filter = threadId && more.length === 0 ? threadId : null;
      filters.set(socket, filter === null ? [] : [filter]);
      say(socket, { type: 'ready', threadId: flaw === 'greets without a filter' ? null : filter });
      socket.on('message', (data: RawData, isBinary) => {
        if (!isBinary || flaw !== 'no pong for bytes') command(socket, (data as Buffer).toString());
      });
    },
  );
  const everybodys = /^(account|project|session)_/;
  return {
    ...toy,
    emit(frame) {
      const { type, threadId } = frame;
      for (const [socket, filter] of filters) {
        const isMeant =
          filter.length === 0
            ? threadId !== null || flaw !== 'events of no thread withheld'
            : filter.includes(threadId ?? '') || flaw === 'no filter';
        if (isMeant || (everybodys.test(type) && flaw !== 'filters everything')) say(socket, frame);
      }
    },
  };
}

/** A `codex app-server` as small as can be, with one thing wrong. */
export async function startToyAppServer(flaw?: AppServerFlaw): Promise<Toy> {
  const known = ['initialize', 'thread/loaded/list'];
  const toy = await listen(
    createServer(),
    ({ origin, authorization }) => {
      if (origin !== undefined && flaw !== 'any origin') return 403;
      return authorization === 'Bearer secret' || flaw === 'any token' ? null : 401;
    },
    (socket) => {
      let isInitialized = flaw === 'calls before initialize';
      let isAcknowledged = flaw !== 'waits for initialized';
      socket.on('message', (data: RawData, isBinary) => {
        if (isBinary && flaw !== 'bytes are frames') return;
        const { id, method } = Object(parse((data as Buffer).toString())) as {
          id?: unknown;
          method?: string;
        };
        if (method === 'initialized') isAcknowledged = true;
        if (id === undefined || method === undefined) return;
        const say = (answer: object) => {
          const more = flaw === 'jsonrpc' ? { jsonrpc: '2.0' } : {};
          socket.send(JSON.stringify({ ...more, id, ...answer }));
        };
        const refuse = (message: string, code = -32600) => {
          say({ error: { code, message } });
        };
        if (method === 'initialize') {
          if (isInitialized && !flaw?.match(/again|before/)) refuse('Already initialized');
          else say({ result: { userAgent: 'toy' } });
          isInitialized = true;
        } else if (!isInitialized || (!isAcknowledged && known.includes(method))) {
          refuse('Not initialized');
        } else if (known.includes(method)) say({ result: { data: [], nextCursor: null } });
        else refuse(`unknown variant ${method}`, flaw === 'method not found' ? -32601 : -32600);
      });
    },
  );
  return { ...toy, emit: () => undefined };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
