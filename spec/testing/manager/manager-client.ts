import { startFakeManager, type FakeManager, type FakeManagerOptions } from 'codex-rx/testing';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { until } from '../../support/until.js';

/** A frame of codex-manager's stream. */
export interface Frame {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A socket of a fake manager that does nothing by itself. */
export interface Listener {
  readonly socket: WebSocket;
  /** All but the greeting. */
  readonly frames: Frame[];
  /** The types of the frames so far, when all that was sent has come; then it forgets them. */
  types(): Promise<string[]>;
  /** As {@link types}: the `app_server.…` events and codex-manager's own, without the raw ones. */
  events(): Promise<string[]>;
}

/** A fake manager and what a test does with it. */
export interface Stage {
  readonly server: FakeManager;
  listen(query?: string): Promise<Listener>;
  /** A call to the REST API: its status and its body. */
  call(method: string, path: string, body?: unknown): Promise<readonly [number, never]>;
  close(): Promise<void>;
}

export async function startStage(options: FakeManagerOptions = {}): Promise<Stage> {
  const server = await startFakeManager(options);
  const sockets: WebSocket[] = [];
  return {
    server,
    async listen(query = '') {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/stream${query}`);
      sockets.push(socket);
      const frames: Frame[] = [];
      socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
      await until(() => frames.length > 0);
      frames.length = 0;
      const take = async () => {
        if (socket.readyState === socket.OPEN) {
          socket.ping();
          await once(socket, 'pong');
        }
        return frames.splice(0).map(({ type }) => type);
      };
      return {
        socket,
        frames,
        types: take,
        events: async () => (await take()).filter((type) => type !== 'notification'),
      };
    },
    async call(method, path, body) {
      const json = { headers: { 'content-type': 'application/json' } };
      const response = await fetch(`${server.url}${path}`, {
        method,
        ...(body === undefined ? {} : { ...json, body: JSON.stringify(body) }),
      });
      return [response.status, (await response.json()) as never];
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      await server.close();
    },
  };
}
