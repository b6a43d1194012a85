import type { AppServerStream } from '../app-server/index.js';
import type { ManagerStream } from '../manager/index.js';
import { mustBe } from '../options/index.js';
import type { Outgoing } from '../protocol/index.js';
import type { CodexStream } from '../stream/index.js';

/** What a session of codex-manager is made with. */
export interface ManagerSessionParams {
  readonly cwd?: string;
  readonly model?: string;
  readonly approvalPolicy?: string;
  readonly networkAccess?: string;
  readonly filesystemSandbox?: string;
}

/** A stream of `connectAppServer`, whichever methods it knows. */
type AnyAppServerStream = Pick<AppServerStream, 'server' | 'drift'>;

/** What a session is made with, given the stream. */
export type SessionParams<Stream> = Stream extends AnyAppServerStream
  ? Omit<Outgoing.ThreadStartParams, 'dynamicTools'>
  : ManagerSessionParams;

/** Makes sessions with tools, and speaks to them. */
export interface SessionPort {
  /** Resolves with the id of the thread. */
  create(
    params: object,
    dynamicTools: readonly Outgoing.FunctionDynamicToolSpec[],
  ): Promise<string>;
  /** Resolves with the id of the turn. */
  send(threadId: string, text: string): Promise<string>;
}

/** @throws TypeError if the stream comes from neither source. */
export function sessionPort(stream: CodexStream): SessionPort {
  if ('call' in stream) return appServerPort(stream as AppServerStream);
  if ('rest' in stream) return managerPort(stream as ManagerStream);
  throw new TypeError('Sessions are made on a stream of connectManager or connectAppServer.');
}

const appServerPort = (stream: AppServerStream): SessionPort => ({
  async create(params, dynamicTools) {
    const withTools = { ...params, dynamicTools } as Outgoing.ThreadStartParams;
    const { thread } = await stream.call('thread/start', withTools);
    return thread.id;
  },
  async send(threadId, text) {
    const input = [{ type: 'text', text, text_elements: [] } as const];
    const { turn } = await stream.call('turn/start', { threadId, input });
    return turn.id;
  },
});

/** A session that the stream does not hear would wait for its calls for ever. */
const mustHearAll = ({ threadId }: ManagerStream): void => {
  const what = 'left out of the stream, for createSession: it hears no other thread';
  mustBe(threadId === null, 'threadId', what);
};

const managerPort = (stream: ManagerStream): SessionPort => ({
  async create(params, tools) {
    const dynamicTools = tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
    mustHearAll(stream);
    // Connected first, or what the session does at once would be missed.
    await stream.connect();
    // The url may hold a filter too: the server says so.
    mustHearAll(stream);
    const answer = await stream.rest('/api/sessions', { ...params, dynamicTools });
    return (answer as { session: { sessionId: string } }).session.sessionId;
  },
  async send(threadId, text) {
    const path = `/api/sessions/${encodeURIComponent(threadId)}/messages`;
    return ((await stream.rest(path, { text })) as { turnId: string }).turnId;
  },
});
