import { connectManager, type CodexStream, type StreamLog } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

/** What a stream may be given here, on every transport. */
export interface StageOptions {
  readonly credentials?: string;
  readonly query?: string;
  readonly protocols?: readonly string[];
  readonly signal?: AbortSignal;
  readonly reconnect?: false;
  readonly log?: StreamLog | false;
}

/** The server side of one connection, byte for byte. */
export interface Peer {
  /** What the client asked the server with; `null` over stdio. */
  readonly handshake: Pick<IncomingMessage, 'url' | 'headers'> | null;
  readonly received: string[];
  /** Resolves when the client has gone. */
  readonly gone: Promise<unknown>;
  /** Sends a frame of text, whatever its bytes. */
  send(bytes: string | Uint8Array): void;
  /** Reads nothing any more, and says so at once. */
  breakPipe(): void;
  /** Reads nothing any more, and says nothing of it. */
  stopReading(): void;
}

/** A source over a transport, with a server that a spec plays. */
export interface Stage {
  readonly peers: readonly Peer[];
  /** Makes a stream to the server. */
  connect(options?: StageOptions): CodexStream;
  /** The bytes that are sent before the first frame of each connection. */
  noise: readonly (string | Uint8Array)[];
  /** What stands in front of the first frame. */
  prefix: string;
  /** Refuses the handshakes that come. */
  refuse: { readonly status: number; readonly location: string } | null;
  /** An event of the source, as a frame. */
  readonly event: string;
  /** A server request as a frame, with a param `"deep"`. */
  readonly request: string;
  close: () => Promise<void>;
}

type Answer = (peer: Peer, text: string) => void;

/** Speaks first, or answers: as codex-manager, or as `codex app-server` does. */
const dialects = {
  manager: {
    event: '{"type":"a","threadId":"t","payload":{}}',
    request:
      '{"type":"app_server.request.item.tool.call","threadId":"t","requestId":1,"payload":{"source":"app_server","signalType":"request","method":"item/tool/call","requestId":1,"params":{"a":"deep"}}}',
    greet: (stage: Stage, peer: Peer) => {
      hello(stage, peer, '{"type":"ready","threadId":null}');
    },
    answer: (): Answer => () => undefined,
  },
  appServer: {
    event: '{"method":"turn/started","params":{"threadId":"t"}}',
    request: '{"method":"mcpServer/elicitation/request","id":7,"params":{"a":"deep"}}',
    greet: () => undefined,
    answer:
      (stage: Stage): Answer =>
      (peer, text) => {
        const { id, method } = JSON.parse(text) as { id?: number; method?: string };
        if (method === 'initialize') hello(stage, peer, `{"id":${id},"result":{}}`);
      },
  },
};

type Dialect = (typeof dialects)['manager' | 'appServer'];

function hello({ noise, prefix }: Stage, peer: Peer, frame: string): void {
  for (const bytes of noise) peer.send(bytes);
  peer.send(prefix + frame);
}

function createStage(dialect: Dialect, open: (options: StageOptions) => CodexStream) {
  const streams: CodexStream[] = [];
  const peers: Peer[] = [];
  const stage: Stage & { join: (peer: Peer) => (text: string) => void } = {
    peers,
    noise: [],
    prefix: '',
    refuse: null,
    event: dialect.event,
    request: dialect.request,
    connect(options = {}) {
      const stream = open({ log: false, ...options });
      streams.push(stream);
      return stream;
    },
    join(peer) {
      peers.push(peer);
      dialect.greet(stage, peer);
      const answer = dialect.answer(stage);
      return (text) => {
        peer.received.push(text);
        answer(peer, text);
      };
    },
    async close() {
      for (const stream of streams) await stream.close();
    },
  };
  return stage;
}

/** A server of websockets, at a port or at the path of a unix socket. */
async function listen(http: Server, at: number | string, stage: ReturnType<typeof createStage>) {
  const server = new WebSocketServer({ noServer: true });
  const upgraded: Duplex[] = [];
  http.on('upgrade', (request, socket: Duplex, head) => {
    upgraded.push(socket);
    if (stage.refuse !== null) {
      const { status, location } = stage.refuse;
      socket.end(`HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nConnection: close\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => undefined);
      const peer: Peer = {
        handshake: request,
        received: [],
        gone: once(client, 'close'),
        send(bytes) {
          client.send(bytes, { binary: false });
        },
        breakPipe() {
          socket.destroy();
        },
        stopReading() {
          client.pause();
        },
      };
      const read = stage.join(peer);
      client.on('message', (data) => {
        read((data as Buffer).toString());
      });
    });
  });
  await new Promise<void>((resolve) =>
    typeof at === 'number'
      ? http.listen(at, '127.0.0.1', resolve)
      : http.listen({ path: at }, resolve),
  );
  return () => {
    for (const socket of upgraded) socket.destroy();
    return closeServer(http);
  };
}

const closeServer = (server: Server | NetServer) =>
  new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });

/** Closes the streams of a stage, and then its server. */
function closing(stage: Stage, closeServer: () => Promise<void>): Stage {
  const closeStreams = stage.close;
  stage.close = () => closeStreams().then(closeServer);
  return stage;
}

const fast = { base: 5, cap: 5 };

async function overManager(): Promise<Stage> {
  const http = createHttpServer();
  const stage = createStage(dialects.manager, ({ credentials = '', query = '', ...options }) =>
    connectManager({
      url: `http://${credentials}127.0.0.1:${(http.address() as AddressInfo).port}/${query}`,
      health: false,
      reconnect: fast,
      ...options,
    }),
  );
  return closing(stage, await listen(http, 0, stage));
}

async function overWebSocket(): Promise<Stage> {
  const http = createHttpServer();
  const stage = createStage(dialects.appServer, ({ credentials = '', query = '', ...options }) =>
    connectAppServer({
      url: `ws://${credentials}127.0.0.1:${(http.address() as AddressInfo).port}/${query}`,
      reconnect: fast,
      ...options,
    }),
  );
  return closing(stage, await listen(http, 0, stage));
}

async function overUnixSocket(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'codex-rx-'));
  const path = join(folder, 's.sock');
  const http = createHttpServer();
  const stage = createStage(dialects.appServer, (options) =>
    connectAppServer({ url: `unix://${path}`, reconnect: fast, ...options }),
  );
  const close = await listen(http, path, stage);
  return closing(stage, async () => {
    await close();
    await rm(folder, { recursive: true });
  });
}

/** A child that is nothing but a pipe to the spec, in whose process the server is. */
const relay = (port: number): string => `
  const socket = require('net').connect(${port}, '127.0.0.1');
  process.stdin.pipe(socket);
  socket.on('data', (data) => {
    if (data.includes('break the pipe')) require('fs').closeSync(0);
    else if (data.includes('stop reading')) process.stdin.unpipe().pause();
    else process.stdout.write(data);
  });
  socket.on('close', () => process.exit());
  socket.on('error', () => process.exit());`;

async function overStdio(): Promise<Stage> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    const peer: Peer = {
      handshake: null,
      received: [],
      gone: Promise.race([once(socket, 'end'), once(socket, 'close')]).then(() => socket.destroy()),
      send(bytes) {
        socket.write(Buffer.concat([Buffer.from(bytes as string), Buffer.from('\n')]));
      },
      breakPipe() {
        socket.write('break the pipe');
      },
      stopReading() {
        socket.write('stop reading');
      },
    };
    const read = stage.join(peer);
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) read(line);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stage = createStage(dialects.appServer, ({ signal, reconnect, log }) =>
    connectAppServer({
      process: { command: process.execPath, args: ['-e', relay(port)], stopTimeout: 500 },
      reconnect: reconnect ?? fast,
      ...(signal && { signal }),
      ...(log !== undefined && { log }),
    }),
  );
  return closing(stage, () => closeServer(server));
}

/** Every transport, and what it has of what others have. */
export const transports = [
  { name: "codex-manager's websocket", open: overManager, isHttp: true, hasUrl: true },
  { name: "app-server's websocket", open: overWebSocket, isHttp: true, hasUrl: true },
  { name: 'a unix socket', open: overUnixSocket, isHttp: true, hasUrl: false },
  { name: 'stdio', open: overStdio, isHttp: false, hasUrl: false },
] as const;
