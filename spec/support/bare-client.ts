import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { NotificationParams, ServerRequestParams } from '../../lib/protocol/index.js';
import type { CodexCommand } from './codex-server.js';

/** A frame of JSON-RPC as codex writes it. */
export interface Frame {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** As little of a client as proves that a codex works. */
export interface BareClient {
  /** All that went over the wire so far. */
  readonly conversation: readonly { readonly dir: 'in' | 'out'; readonly frame: Frame }[];
  /** Resolves with the result, or rejects with the error's message. */
  request(method: string, params: object): Promise<unknown>;
  /** Answers a server request. */
  answer(id: number | string, result: object): void;
  /** The first notification of this method: the params that came, or will come. */
  notification<Method extends keyof NotificationParams>(
    method: Method,
  ): Promise<NotificationParams[Method]>;
  /** The first server request of this method that came, or will come. */
  serverRequest<Method extends keyof ServerRequestParams>(
    method: Method,
  ): Promise<{ readonly id: number | string; readonly params: ServerRequestParams[Method] }>;
  /** Starts a thread and resolves with its id. */
  startThread(params: { readonly cwd: string; readonly [param: string]: unknown }): Promise<string>;
  /** Starts a turn with a text and resolves with its id. */
  startTurn(threadId: string, text: string): Promise<string>;
  /** Hangs up; a process of its own it ends. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Wire {
  send(text: string): void;
  close(): Promise<void>;
}

/** @param url of a codex: `ws://…` or `unix://…` */
export async function connectBare(url: string): Promise<BareClient> {
  const socket = new WebSocket(url.replace(/^unix:(.*)$/, 'ws+unix:$1:/'), {
    // Before 0.169, codex hangs up on who offers an extension over a unix socket.
    perMessageDeflate: false,
  });
  const client = bareClient({
    send: (text) => {
      socket.send(text);
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.terminate();
      await closed;
    },
  });
  socket.on('message', (data: Buffer) => {
    client.receive(data.toString());
  });
  await once(socket, 'open');
  return client.initialized();
}

/** Spawns a codex and speaks with it over stdio. */
export async function spawnBare({ command, args, env, cwd }: CodexCommand): Promise<BareClient> {
  const child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const client = bareClient({
    send: (text) => child.stdin.write(`${text}\n`),
    async close() {
      child.kill('SIGKILL');
      await exited;
    },
  });
  createInterface(child.stdout).on('line', (line) => {
    client.receive(line);
  });
  return client.initialized();
}

function bareClient(wire: Wire) {
  const conversation: { dir: 'in' | 'out'; frame: Frame }[] = [];
  const waiting = new Set<(frame: Frame) => void>();
  let ids = 0;

  function send(frame: Frame): void {
    conversation.push({ dir: 'out', frame });
    wire.send(JSON.stringify(frame));
  }

  async function received(wanted: (frame: Frame) => boolean): Promise<Frame> {
    const found = conversation.find(({ dir, frame }) => dir === 'in' && wanted(frame));
    if (found) return found.frame;
    return new Promise((resolve) => {
      const look = (frame: Frame) => {
        if (!wanted(frame)) return;
        waiting.delete(look);
        resolve(frame);
      };
      waiting.add(look);
    });
  }

  async function request(method: string, params: object): Promise<unknown> {
    const id = ++ids;
    send({ id, method, params });
    const { error, result } = await received((frame) => frame.id === id && !frame.method);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  const client: BareClient = {
    conversation,
    request,
    answer: (id, result) => {
      send({ id, result });
    },
    async notification(method) {
      const { params } = await received((frame) => frame.method === method);
      return params as never;
    },
    async serverRequest(method) {
      const { id, params } = await received((frame) => frame.method === method);
      return { id: id as number, params: params as never };
    },
    async startThread(params) {
      const result = await request('thread/start', params);
      return (result as { thread: { id: string } }).thread.id;
    },
    async startTurn(threadId, text) {
      const input = [{ type: 'text', text, text_elements: [] }];
      const result = await request('turn/start', { threadId, input });
      return (result as { turn: { id: string } }).turn.id;
    },
    close: () => wire.close(),
    [Symbol.asyncDispose]: () => wire.close(),
  };

  return {
    receive(text: string): void {
      const frame = JSON.parse(text) as Frame;
      conversation.push({ dir: 'in', frame });
      for (const look of [...waiting]) look(frame);
    },
    async initialized(): Promise<BareClient> {
      await request('initialize', {
        clientInfo: { name: 'bare-client', title: null, version: '0' },
        capabilities: { experimentalApi: true, requestAttestation: false },
      });
      send({ method: 'initialized' });
      return client;
    },
  };
}
