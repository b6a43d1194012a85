import { readRecording } from 'codex-rx/recording';
import { startFakeManager, type FakeManager, type FakeTurn } from 'codex-rx/testing';
import type { TranscriptEntry } from 'codex-rx/testing/transcript';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { managerSteps } from '../../../lib/testing/manager/recording.js';
import type { PlayedStep } from '../../../lib/testing/servers/play-recording.js';
import { until } from '../../support/until.js';
import type { Pair } from '../transcript/tellable.js';

const folder = new URL('../../recordings/codex-manager/', import.meta.url);

export const managerRecordings: readonly string[] = readdirSync(folder).sort();

/** A line of a recording: what a socket was sent or sent itself, or a call to the REST API. */
type Line = TranscriptEntry & { readonly t: number; readonly bytes?: number };

/** Frames that went out and were not kept whole are told in notes. */
const linesOf = (file: string): readonly Line[] =>
  readRecording(readFileSync(new URL(file, folder), 'utf8')).entries.map((line: Line) =>
    line.dir === 'note' && (line.bytes ?? line.text) !== undefined
      ? { ...line, ...(line.text && { text: `${line.text}"}` }), dir: 'out' }
      : line,
  );

interface Reply {
  readonly status: number | undefined;
  readonly body: unknown;
}

export interface Replayed {
  /** What each socket was sent. */
  readonly sockets: ReadonlyMap<string, Pair<unknown[]>>;
  /** What each call was answered: its status and its body. */
  readonly calls: readonly ({ readonly call: string } & Pair<Reply>)[];
  /** The close code that each socket saw. */
  readonly codes: readonly Pair[];
  /** The calls that were not made: the fake has no such routes. */
  readonly left: readonly string[];
}

/** Routes that the fake has not. */
const missing =
  /^\w+ \/api\/(projects\b|sessions\/[^/]+\/(project|fork|rollback|compact|archive|unarchive|transcript|suggested-request)\b)/;

/** Those of them that start a turn, or end one. */
const missed = /\/(fork|rollback|compact|archive)$/;

/**
 * Replays the client side of a recording against a fake. A call is made when its first effect was
 * seen, or else when its reply came.
 *
 * @param announces Whether the fake's Codex lives by itself: it is only told what the model asks,
 *   and when a turn ends. Otherwise it says whatever the recorded one said. Where it lives by itself,
 *   the recording is only replayed as far as the fake has the routes.
 */
export async function replayManager(file: string, announces: boolean): Promise<Replayed> {
  const all = linesOf(file);
  const end = all.findIndex(({ path = '' }) => announces && missed.test(path));
  const lines = end === -1 ? all : all.slice(0, end);
  const ids = recordedIds(lines);
  const server = await startFakeManager({ announces, newId: (kind) => ids[kind].shift()! });
  const turns = new Map<string, FakeTurn>();
  const clients = new Map<string, WebSocket>();
  const closed = new Map<string, number>();
  const sockets = new Map<string, Pair<unknown[]>>();
  const calls: Replayed['calls'][number][] = [];
  const codes: Pair[] = [];
  const left: string[] = [];
  const due = callsBy(lines, announces);
  const steps = new Map(managerSteps(lines as never).map((step) => [step.at, step]));

  async function open(sock: string): Promise<void> {
    const query = queryOf(lines, sock);
    const client = new WebSocket(`${server.url.replace('http', 'ws')}/api/stream${query}`);
    const recorded = lines.filter((line) => line.sock === sock && line.dir === 'in');
    const heard: unknown[] = [];
    clients.set(sock, client);
    sockets.set(sock, { recorded: recorded.map(({ frame }) => frame), heard });
    client.on('close', (code: number) => closed.set(sock, code));
    client.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())));
    await until(() => heard.length > 0);
  }

  async function call(line: Line): Promise<void> {
    const name = `${line.method} ${line.path}`;
    if (missing.test(name)) {
      left.push(name);
      return;
    }
    void server.turnStarted().then((turn) => turns.set(turn.turnId, turn));
    const recorded = { status: line.status, body: line.response };
    calls.push({ call: name, recorded, heard: await request(server, line) });
  }

  try {
    if (announces) countTo(server, [...steps.values()]);
    for (const [index, line] of lines.entries()) {
      if (line.sock !== undefined && !clients.has(line.sock)) await open(line.sock);
      for (const http of due.get(index) ?? []) await call(http);
      const client = clients.get(line.sock ?? '');
      const step = steps.get(index);
      if (line.dir === 'out') await send(server, client!, line);
      else if (line.dir === 'close') {
        await close(client!, line);
        const open = [...clients.values()].filter(({ readyState }) => readyState === 1);
        await until(() => server.sockets.length === open.length);
        codes.push({ recorded: line.code, heard: closed.get(line.sock!) });
      } else if (announces && step) live(server, turns, step);
      else if (step && step.kind !== 'answer' && !isDeletion(line)) {
        await server.play([line]);
      }
    }
    for (const client of clients.values()) await settled(client);
  } finally {
    for (const client of clients.values()) client.terminate();
    await server.close();
  }
  return { sockets, calls, codes, left };
}

/** Does what the model did, and nothing that Codex does by itself. */
function live(server: FakeManager, turns: ReadonlyMap<string, FakeTurn>, step: PlayedStep): void {
  if (step.kind === 'request') void server.request(step.threadId, step.method, step.params);
  if (step.kind !== 'notification' || step.method !== 'turn/completed') return;
  const { id, status, error } = step.params['turn'] as {
    id: string;
    status: string;
    error: { message: string; codexErrorInfo: unknown };
  };
  if (status === 'completed') turns.get(id)!.complete();
  if (status === 'failed') turns.get(id)!.fail(error.message, error.codexErrorInfo);
}

/** Lets the requests begin with the id that the first recorded one has. */
function countTo(server: FakeManager, steps: readonly PlayedStep[]): void {
  const ids = steps.map((step) => (step.kind === 'request' ? step.id : Infinity));
  const first = Math.min(...ids);
  for (let id = 0; id < first && first < Infinity; id++)
    void server.request('other', 'unsupported');
}

/** Deleting a session is the fake's own. */
const isDeletion = ({ frame }: Line) => (frame as { type?: string }).type === 'session_deleted';

/** The ids of the threads and the turns that the recorded calls have made. */
function recordedIds(lines: readonly Line[]): Record<'thread' | 'turn', string[]> {
  const made = (path: RegExp, id: (response: never) => string) =>
    lines
      .filter((line) => line.method === 'POST' && path.test(line.path!) && line.status! < 300)
      .map(({ response }) => id(response as never));
  return {
    thread: made(
      /sessions$/,
      ({ session }: { session: { sessionId: string } }) => session.sessionId,
    ),
    turn: made(/messages$/, ({ turnId }: { turnId: string }) => turnId),
  };
}

/** The recorded calls by the line before which they are made. */
function callsBy(lines: readonly Line[], announces: boolean): ReadonlyMap<number, readonly Line[]> {
  const calls = new Map<number, Line[]>();
  for (const [index, line] of lines.entries()) {
    if (line.dir !== 'http') continue;
    const effect = lines.findIndex(
      (other) =>
        other.dir === 'in' &&
        (isEffect(other.frame, line) || (announces && isBeginning(other.frame, line))),
    );
    const at = effect === -1 ? index : Math.min(effect, index);
    calls.set(at, [...(calls.get(at) ?? []), line]);
  }
  return calls;
}

interface Frame {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload?: Readonly<Record<string, unknown>>;
}

interface Signal {
  readonly session?: { readonly id: string; readonly title: string | null } | null;
  readonly context?: { readonly turnId: string | null };
}

/** Whether a frame is what the server sent because of a call. */
function isEffect(frame: unknown, { method, path = '', status, body, response }: Line): boolean {
  const { type, threadId, payload } = frame as Frame;
  const { session, context } = Object(payload) as Signal;
  if (status !== 200) return false;
  const [, id] = /^\/api\/(?:approvals|tool-calls|tool-input)\/(.+)\//.exec(path) ?? [];
  if (id !== undefined) {
    const told = payload?.['approvalId'] ?? payload?.['requestId'];
    return type.endsWith('_resolved') && told === id && payload?.['status'] === 'resolved';
  }
  const made = Object(response) as { session?: { sessionId: string }; turnId?: string };
  if (method === 'DELETE') return type === 'session_deleted' && path.endsWith(threadId!);
  if (method !== 'POST') return false;
  // A session has a title when it has been made.
  if (path === '/api/sessions') return session?.id === made.session?.sessionId && !!session?.title;
  if (path.endsWith('/interrupt')) {
    return type === 'app_server.turn.completed' && context?.turnId === made.turnId;
  }
  const { title } = Object(body) as { title?: string };
  return path.endsWith('/rename') && session?.title === title && path.includes(session?.id ?? '?');
}

/** Whether a frame is of the session or of the turn that a call has made. */
function isBeginning(frame: unknown, { method, path = '', response }: Line): boolean {
  const { threadId, payload } = frame as Frame;
  const { context } = Object(payload) as Signal;
  const { session, turnId } = Object(response) as {
    session?: { sessionId: string };
    turnId?: string;
  };
  if (method !== 'POST') return false;
  if (path.endsWith('/messages')) return turnId !== undefined && context?.turnId === turnId;
  return path === '/api/sessions' && threadId === session?.sessionId;
}

/** The query that a socket must have come with. */
function queryOf(lines: readonly Line[], sock: string): string {
  const { frame } = lines.find((line) => line.sock === sock && line.dir === 'in')!;
  const { threadId } = frame as { threadId: string | null };
  if (threadId !== null) return `?threadId=${encodeURIComponent(threadId)}`;
  return { emptyq: '?threadId=', dupq: '?threadId=a&threadId=b' }[sock] ?? '';
}

async function request(server: FakeManager, { method, path, body }: Line): Promise<Reply> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}${path}`, {
    method: method!,
    ...(body === undefined ? {} : json),
  });
  return { status: response.status, body: await response.json() };
}

async function send(server: FakeManager, client: WebSocket, line: Line): Promise<void> {
  const { frame, text = JSON.stringify(frame), bytes } = line;
  const received = () => server.sockets.reduce((sum, socket) => sum + socket.received.length, 0);
  const before = received();
  const { _socket: wire } = client as unknown as { _socket: { write(bytes: Buffer): void } };
  // The head of a frame of 105 MiB is enough.
  if (bytes === 110_100_480) wire.write(Buffer.from(hugeHead));
  else {
    client.send(bytes === undefined ? text : Buffer.from(binary[bytes]!));
    await until(() => received() > before);
  }
}

const hugeHead = [0x82, 0xff, 0, 0, 0, 0, 0x06, 0x90, 0, 0, 0, 0, 0, 0];

/** What was sent in binary frames, by its size: the recording keeps no bytes. */
const binary: Readonly<Record<number, string>> = { 15: '{"type":"ping"}', 3: 'no!' };

/** Ends a connection as it was ended in the recording. */
async function close(client: WebSocket, { code }: Line): Promise<void> {
  if (code !== 1009) await settled(client);
  if (code === 1006) client.terminate();
  else if (code === 1005) client.close();
  await until(() => client.readyState === client.CLOSED);
}

/** Resolves when a client has heard what was sent to it. */
async function settled(client: WebSocket): Promise<void> {
  if (client.readyState !== client.OPEN) return;
  client.ping();
  await Promise.race([once(client, 'pong'), once(client, 'close')]);
}
