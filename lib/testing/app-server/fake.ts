import { mustBeKnown } from '../../options/index.js';
import { Subject } from 'rxjs';
import type { IncomingHttpHeaders } from 'node:http';
import { createAppServerCalls, type FakeMethod } from './calls.js';
import { createAppServerClient, type AppServerClient, type AppServerFrame } from './client.js';
import { appServerSteps } from './recording.js';
import { codex0169 } from '../codex/v0169.js';
import type { FakeAnswer } from '../codex/answer.js';
import {
  codexOptionNames,
  createFakeCodex,
  type CodexControls,
  type CodexOptions,
} from '../codex/fake.js';
import type { ClientSocket } from '../servers/client-socket.js';
import { jsonOr } from '../servers/json-or.js';
import { createWebServer, listen, type Refusal } from '../servers/loopback.js';
import { nextOf } from '../servers/next-of.js';
import { entriesOf, playRecording, type PlayOptions } from '../servers/play-recording.js';
import type { RecordedEntry, Recording } from '../../recording/index.js';

/** How a fake `codex app-server` listens, and what its Codex does. */
export interface FakeAppServerOptions extends CodexOptions {
  /** @default a free port */
  readonly port?: number;
  /**
   * The bearer token that a handshake must bring.
   *
   * @default none is asked for
   */
  readonly token?: string;
}

/** A `codex app-server` that a test plays. */
export interface FakeAppServer extends CodexControls {
  /** Where it listens: `ws://127.0.0.1:<port>`. */
  readonly url: string;
  readonly sockets: readonly ClientSocket[];
  /** The text of every frame that any client ever sent. */
  readonly received: readonly string[];
  /** Resolves with the next client that connects. */
  connected(): Promise<ClientSocket>;
  /** Answers a method from now on. */
  handle(method: string, answer: FakeMethod): void;
  /**
   * Sends a notification to the clients that follow a thread; to all clients if that is `null`, or
   * if the method is one that all clients get, such as `thread/status/changed`.
   *
   * @param threadId Is added to the parameters if they name no thread.
   */
  notify(threadId: string | null, method: string, params?: object): void;
  /**
   * Sends a server request to the clients that follow a thread, and to those that resume it later.
   * The ids of the thread and of the turn that runs are added where they are missing. Resolves with
   * the first answer of any client; never, if its turn ends or the server is restarted before.
   */
  request(threadId: string, method: string, params?: object): Promise<FakeAnswer>;
  /**
   * Refuses the next calls as an overloaded server does: error -32001.
   *
   * @param count How many. Default: all, until `overload(0)`.
   */
  overload(count?: number): void;
  /** Sends text, or bytes as a binary frame, to every client. */
  sendRaw(data: string | Uint8Array): void;
  /** Drops every connection without a close frame. */
  terminate(): void;
  /**
   * Restarts Codex: its requests are forgotten and count from 0, all turns are interrupted and all
   * threads unloaded without a notification, and every connection is dropped.
   */
  restart(): void;
  /**
   * Plays what Codex did in a recording: its notifications, and its requests under their recorded
   * ids, which your client has to answer where the recording's client did: the recording waits. Its
   * threads must have been started under their recorded ids: see `newId`.
   */
  play(recording: Recording | readonly RecordedEntry[], options?: PlayOptions): Promise<void>;
  /** Drops every connection, and stops listening. */
  close(): Promise<void>;
}

/** The notifications that all clients get. */
const broadcast: ReadonlySet<string> = new Set([
  'thread/started',
  'thread/status/changed',
  'thread/name/updated',
  'thread/goal/updated',
  'thread/archived',
  'thread/unarchived',
]);

/**
 * Starts a server that speaks JSON-RPC as `codex app-server` does, on 127.0.0.1, as measured on
 * version 0.169.0: `initialize` first, no `Origin`, never a close frame, one count of server
 * requests, which go to the clients that follow the thread and are sent again on resume. It answers
 * `thread/start`, `thread/resume`, `thread/read`, `thread/unsubscribe`, `thread/loaded/list`,
 * `turn/start`, `turn/steer` and `turn/interrupt`; the rest is up to `handle`. Node only.
 *
 * @example
 * const server = await startFakeAppServer({ turn: (turn) => turn.say(`You said ${turn.text}`) });
 * const stream = connectAppServer({ url: server.url });
 * const { thread } = await stream.call('thread/start', {});
 * await stream.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'Hi' }] });
 *
 * @example
 * const call = { callId: 'c', tool: 'weather' };
 * const answer = await server.request(thread.id, 'item/tool/call', call);
 */
export async function startFakeAppServer(
  options: FakeAppServerOptions = {},
): Promise<FakeAppServer> {
  mustBeKnown('', options, ['port', 'token', ...codexOptionNames]);
  const connections = new Subject<AppServerClient>();
  const closed = new Subject<void>();
  const clients = new Set<AppServerClient>();
  const received: string[] = [];

  const codex = createFakeCodex(
    codex0169,
    {
      notify(threadId, method, params) {
        for (const client of clients) {
          const isFollower =
            threadId === null || broadcast.has(method) || client.follows.has(threadId);
          if (isFollower && client.capabilities) client.notify(method, params);
        }
      },
      ask(request) {
        for (const client of clients) {
          if (client.follows.has(request.threadId)) client.ask(request);
        }
      },
    },
    options,
  );
  const { tools, notify, request, startTurn, turnStarted } = codex;
  const calls = createAppServerCalls(codex, clients);

  const web = await createWebServer(
    ({ url }, response) => {
      const isProbe = url === '/readyz' || url === '/healthz';
      response.writeHead(isProbe ? 200 : 400, { connection: 'close' }).end();
    },
    ({ headers }, settle) => {
      settle(refusalOf(headers, options.token));
    },
    (socket, request) => {
      const client = createAppServerClient(socket, request);
      clients.add(client);
      socket.on('close', () => clients.delete(client));
      socket.on('message', (data, isBinary) => {
        const text = data.toString();
        received.push(text);
        const frame = isBinary ? null : jsonOr(text, null);
        const message = typeof frame === 'object' ? (frame as AppServerFrame | null) : null;
        if (message?.method !== undefined) calls.answer(client, message, message.method);
        else if (message !== null && client.capabilities) {
          const { id, ...answer } = message;
          codex.answer(id as number, answer as FakeAnswer);
        }
      });
      connections.next(client);
    },
  );
  const { port, close } = await listen(web, options.port ?? 0);

  function terminate(): void {
    for (const client of clients) client.terminate();
  }

  return {
    url: `ws://127.0.0.1:${port}`,
    received,
    get sockets() {
      return [...clients];
    },
    connected: () => nextOf(connections),
    tools,
    notify,
    request,
    startTurn,
    turnStarted,
    handle(method, answer) {
      calls.handle(method, answer);
    },
    overload(count = Infinity) {
      calls.overload(count);
    },
    sendRaw(data) {
      for (const client of clients) client.sendRaw(data);
    },
    terminate,
    restart() {
      codex.lose();
      terminate();
    },
    play: (recording, playOptions) =>
      playRecording(appServerSteps(entriesOf(recording)), codex, closed, playOptions),
    close() {
      closed.next();
      codex.lose();
      return close();
    },
  };
}

function refusalOf(
  { origin, authorization }: IncomingHttpHeaders,
  token: string | undefined,
): Refusal | null {
  if (origin !== undefined) return { status: 403 };
  if (token === undefined || authorization === `Bearer ${token}`) return null;
  const what = authorization === undefined ? 'missing' : 'invalid';
  return { status: 401, body: `${what} websocket bearer token` };
}
