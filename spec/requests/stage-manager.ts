import { afterEach } from '@jest/globals';
import {
  connectManager,
  type ConnectionStatus,
  type ManagerOptions,
  type ManagerStream,
  type Settlement,
} from 'codex-rx';
import {
  startFaultProxy,
  startStreamServer,
  type FaultProxy,
  type RestRequest,
  type StreamServer,
  type StreamServerOptions,
} from 'codex-rx/testing';
import { filter, firstValueFrom, type Observable } from 'rxjs';

const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A codex-manager that keeps what is pending as the real one does, on a real socket. */
export interface Manager extends StreamServer {
  /** What is pending, by its id as text. */
  readonly pending: Map<string, Pending>;
  /** Every POST: its path. */
  readonly posts: string[];
  /** Asks for something, in all the shapes that the real server uses: how many clients heard it. */
  ask(method: string, id: number, params?: object): void;
  /** Settles a request: by somebody's answer, or because its turn was interrupted. */
  settle(id: number, status?: 'resolved' | 'expired', said?: object): void;
}

interface Pending {
  readonly threadId: string;
  readonly type: string;
  readonly list: string;
  readonly payload: object;
}

const shapes: Readonly<Record<string, readonly [type: string, list: string]>> = {
  'item/commandExecution/requestApproval': ['approval', 'approvals'],
  'item/fileChange/requestApproval': ['approval', 'approvals'],
  'item/tool/call': ['tool_call_requested', 'tool-calls'],
  'item/tool/requestUserInput': ['tool_user_input_requested', 'tool-input'],
};

const normal: Readonly<Record<string, string>> = {
  'item/commandExecution/requestApproval': 'item.command_execution.request_approval',
  'item/fileChange/requestApproval': 'item.file_change.request_approval',
  'item/tool/call': 'item.tool.call',
  'item/tool/requestUserInput': 'item.tool.request_user_input',
};

/**
 * @param answer Answers a POST in the place of the server: its status, `cut` for no reply at all, or
 *   `null` to leave it to the server.
 */
export async function startManager(
  answer: (path: string, attempt: number) => number | null = () => null,
  options: StreamServerOptions = {},
): Promise<Manager> {
  const pending = new Map<string, Pending>();
  const posts: string[] = [];
  const rest = ({ method, url }: RestRequest) => {
    const [path = ''] = url.split('?');
    if (method === 'GET' && path === '/api/sessions') {
      const ids = new Set([...pending.values()].map(({ threadId }) => threadId));
      return { status: 200, body: { data: [...ids].map((sessionId) => ({ sessionId })) } };
    }
    const [, thread = '', list = ''] = /^\/api\/sessions\/([^/]+)\/([a-z-]+)$/.exec(path) ?? [];
    if (list) {
      const found = [...pending.values()].filter(
        (one) => one.list === list && one.threadId === decodeURIComponent(thread),
      );
      return { status: 200, body: { data: found.map(({ payload }) => payload) } };
    }
    const [, kind = '', id = ''] =
      /^\/api\/(approvals|tool-calls|tool-input)\/([^/]+)\//.exec(path) ?? [];
    if (method !== 'POST' || !kind) return null;
    posts.push(path);
    const status = answer(path, posts.length);
    if (status !== null) return { status, body: { status: 'error' } };
    if (pending.get(id)?.list !== kind) return { status: 404, body: { status: 'not_found' } };
    manager.settle(Number(id), 'resolved', { decision: 'accept', scope: 'turn', success: true });
    return { status: 200, body: { status: 'ok' } };
  };
  const server = await startStreamServer({ rest, ...options });
  closings.push(() => server.close());
  const manager: Manager = {
    ...server,
    get sockets() {
      return server.sockets;
    },
    pending,
    posts,
    ask(method, id, params = {}) {
      const all = { threadId: 't', turnId: 'u', ...idOf(method, id), ...params };
      const { threadId, turnId } = all;
      const [type = '', list = ''] = shapes[method] ?? [];
      const context = { threadId, turnId };
      const signal = { source: 'app_server', signalType: 'request', method, context, params: all };
      server.send({
        type: `app_server.request.${normal[method] ?? 'other'}`,
        threadId,
        payload: { ...signal, requestId: id },
      } as never);
      if (!list) {
        server.send({
          type: 'server_request',
          threadId,
          payload: { method, id, params: all },
        } as never);
        return;
      }
      const ids = list === 'approvals' ? { approvalId: String(id) } : { requestId: String(id) };
      const payload = { ...ids, method, ...all, details: all, createdAt: 'now', status: 'pending' };
      pending.set(String(id), { threadId, type, list, payload });
      server.send({ type, threadId, payload } as never);
    },
    settle(id, status = 'resolved', said = {}) {
      const { threadId, list = '' } = pending.get(String(id)) ?? {};
      if (threadId === undefined) return;
      pending.delete(String(id));
      const ids = list === 'approvals' ? { approvalId: String(id) } : { requestId: String(id) };
      const type =
        list === 'approvals'
          ? 'approval_resolved'
          : list === 'tool-calls'
            ? 'tool_call_resolved'
            : 'tool_user_input_resolved';
      server.send({ type, threadId, payload: { ...ids, status, ...said } } as never);
      if (list !== 'tool-calls')
        notify(server, 'serverRequest/resolved', { threadId, requestId: id });
    },
  };
  return manager;
}

const idOf = (method: string, id: number) =>
  method === 'item/tool/call'
    ? { callId: `call ${id}`, tool: 'x', arguments: {} }
    : { itemId: `item ${id}` };

export function notify(
  server: StreamServer,
  method: string,
  params: { threadId: string } & Record<string, unknown>,
): void {
  const types: Record<string, string> = {
    'serverRequest/resolved': 'app_server.server_request.resolved',
    'turn/completed': 'app_server.turn.completed',
  };
  const { threadId } = params;
  const payload = { source: 'app_server', signalType: 'notification', method, params };
  server.send({ type: types[method] ?? method, threadId, payload } as never);
}

/** A stream that nobody has connected yet. */
export function streamOf(
  { url }: Pick<StreamServer, 'url'>,
  options: Partial<ManagerOptions> = {},
): ManagerStream {
  const stream = connectManager({
    url,
    reconnect: { base: 1, cap: 5 },
    random: () => 0,
    health: false,
    ...options,
  });
  closings.push(() => stream.close());
  return stream;
}

export async function connect(
  server: Pick<StreamServer, 'url'>,
  options: Partial<ManagerOptions> = {},
): Promise<ManagerStream> {
  const stream = streamOf(server, options);
  await stream.connect();
  return stream;
}

/** A proxy whose faults a test plays, in front of a server. */
export async function startProxy({ url }: StreamServer): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ target: url });
  closings.push(() => proxy.close());
  return proxy;
}

export const next = <T>(source: Observable<T>, test: (value: T) => boolean = () => true) =>
  firstValueFrom(source.pipe(filter(test)));

/** Resolves when the stream waits for its next attempt. */
export const waits = (stream: ManagerStream) =>
  next(stream.status$, ({ state }) => state === 'waiting') as Promise<
    Extract<ConnectionStatus, { state: 'waiting' }>
  >;

/** Resolves when exactly these are pending. */
export const pendingIs = (stream: ManagerStream, ...ids: readonly number[]) =>
  next(
    stream.requests.pending$,
    (all) => JSON.stringify(all.map(({ requestId }) => requestId)) === JSON.stringify(ids),
  );

export const short = ({ request, outcome, cause }: Settlement) =>
  `${request.requestId} ${outcome} ${cause}`;
