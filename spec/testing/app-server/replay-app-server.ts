import { readRecording, type RecordedEntry } from 'codex-rx/recording';
import { startFakeAppServer, type FakeAppServer, type FakeTurn } from 'codex-rx/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { appServerSteps } from '../../../lib/testing/app-server/recording.js';
import type { PlayedStep } from '../../../lib/testing/servers/play-recording.js';
import { until } from '../../support/until.js';

const folder = new URL('../../recordings/app-server/', import.meta.url);

export const appServerRecordings: readonly string[] = readdirSync(folder).sort();

const linesOf = (file: string): readonly RecordedEntry[] =>
  readRecording(readFileSync(new URL(file, folder), 'utf8')).entries;

/** A message of JSON-RPC. */
export interface Frame {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

const frameOf = ({ frame }: RecordedEntry) => Object(frame) as Frame;

export interface ReplayedClient {
  /** What it was sent in the recording, and by the fake. */
  readonly recorded: readonly Frame[];
  readonly heard: readonly Frame[];
  /** The close codes that it saw. */
  readonly codes: readonly [recorded: number | undefined, heard: number | undefined];
  /** The methods that it called, by the ids of the calls. */
  readonly calls: ReadonlyMap<unknown, string>;
}

/** Methods that the fake does not answer. */
const missing = new Set(['thread/list', 'thread/items/list', 'thread/turns/list']);

/** Whether a call was refused for what the fake knows nothing of: providers, and the form of ids. */
const isForeign = ({ error }: Frame) =>
  /failed to load|invalid thread id/.test(error?.message ?? '');

/**
 * Replays the client side of a recording against a fake. A call is made when its reply came, or when
 * its first effect was seen, if that is the fake's own.
 *
 * @param announces Whether the fake's Codex lives by itself: it is only told what the model does, and
 *   when a turn ends. Otherwise it says whatever the recorded one said.
 */
export async function replayAppServer(
  file: string,
  announces: boolean,
): Promise<ReadonlyMap<string, ReplayedClient>> {
  const lines = linesOf(file);
  const due = callsBy(lines, announces);
  const ids = recordedIds(lines, due);
  const server = await startFakeAppServer({ announces, newId: (kind) => ids[kind].shift()! });
  const turns = new Map<string, FakeTurn>();
  const clients = new Map<string, Client>();
  const steps = new Map<number, PlayedStep[]>();
  for (const step of appServerSteps(lines)) {
    steps.set(step.at, [...(steps.get(step.at) ?? []), step]);
  }

  async function call(line: RecordedEntry): Promise<void> {
    const client = clients.get(nameOf(line))!;
    const { id, method } = frameOf(line);
    const reply = replyTo(lines, line);
    if (missing.has(method!) || (reply && isForeign(frameOf(reply)))) return;
    client.calls.set(id, method!);
    void server.turnStarted().then((turn) => turns.set(turn.turnId, turn));
    await send(server, client.socket, line);
    await until(() => client.heard.some((frame) => frame.id === id && !frame.method));
  }

  try {
    if (announces) countTo(server, lines);
    for (const [index, line] of lines.entries()) {
      const { id, method } = frameOf(line);
      const name = nameOf(line);
      if (line.dir === 'out' && !clients.has(name)) clients.set(name, await open(server));
      for (const one of due.get(index) ?? []) await call(one);
      const client = clients.get(name);
      if (line.dir === 'close') await close(client!);
      else if (line.dir === 'out' && (method === undefined || id === undefined)) {
        await send(server, client!.socket, line);
      }
      for (const step of steps.get(index) ?? []) {
        if (announces) live(server, turns, step);
        else if (step.kind === 'request') await server.play([line]);
        else if (step.kind === 'notification') {
          server.notify(step.threadId, step.method, step.params);
        }
      }
    }
  } finally {
    for (const { socket } of clients.values()) socket.terminate();
    await server.close();
  }
  return new Map(
    [...clients].map(([name, { heard, code, calls }]) => {
      const own = lines.filter((line) => nameOf(line) === name);
      const closed = own.find(({ dir }) => dir === 'close') as { code?: number } | undefined;
      const recorded = own.filter(({ dir }) => dir === 'in').map(frameOf);
      return [name, { recorded, heard, codes: [closed?.code, code], calls }] as const;
    }),
  );
}

const nameOf = ({ sock = 'A' }: RecordedEntry) => sock;

interface Client {
  readonly socket: WebSocket;
  readonly heard: Frame[];
  readonly calls: Map<unknown, string>;
  code?: number;
}

async function open(server: FakeAppServer): Promise<Client> {
  const socket = new WebSocket(server.url);
  const client: Client = { socket, heard: [], calls: new Map() };
  socket.on('error', () => undefined);
  socket.on('close', (code: number) => (client.code = code));
  socket.on('message', (data: Buffer) => client.heard.push(JSON.parse(data.toString()) as Frame));
  await until(() => socket.readyState === socket.OPEN);
  return client;
}

/** Closes a connection as a client should: the server does not answer that. */
async function close(client: Client): Promise<void> {
  const { socket } = client;
  socket.ping();
  await new Promise((resolve) => socket.once('pong', resolve));
  socket.close();
  await until(() => client.code !== undefined);
}

async function send(server: FakeAppServer, socket: WebSocket, line: RecordedEntry): Promise<void> {
  const before = server.received.length;
  socket.send(JSON.stringify(line.frame));
  await until(() => server.received.length > before);
}

/** What Codex says by itself. */
const ownWords = new Set([
  'error',
  'serverRequest/resolved',
  'thread/readState/changed',
  'thread/started',
  'thread/status/changed',
  'turn/started',
]);

/** Does what the model did, and nothing that Codex does by itself. */
function live(server: FakeAppServer, turns: ReadonlyMap<string, FakeTurn>, step: PlayedStep): void {
  if (step.kind === 'request') void server.request(step.threadId, step.method, step.params);
  if (step.kind !== 'notification' || ownWords.has(step.method)) return;
  const { item, turn } = step.params as {
    readonly item?: { readonly type: string };
    readonly turn?: { readonly id: string; readonly status: string; readonly error: never };
  };
  if (item?.type === 'userMessage') return;
  if (!turn) server.notify(step.threadId, step.method, step.params);
  else if (turn.status === 'completed') turns.get(turn.id)!.complete();
  else if (turn.status === 'failed') {
    const { message, codexErrorInfo } = turn.error as { message: string; codexErrorInfo: unknown };
    turns.get(turn.id)!.fail(message, codexErrorInfo);
  }
}

/** Lets the requests begin with the id that the first recorded one has. */
function countTo(server: FakeAppServer, lines: readonly RecordedEntry[]): void {
  const ids = lines
    .map(frameOf)
    .flatMap(({ id, method }, index) =>
      lines[index]!.dir === 'in' && method !== undefined && id !== undefined ? [id] : [],
    );
  const first = Math.min(...ids, Infinity);
  for (let id = 0; id < first && first < Infinity; id++) void server.request('other', 'unheard');
}

const replyTo = (lines: readonly RecordedEntry[], line: RecordedEntry) =>
  lines.find(
    (other) =>
      other.dir === 'in' &&
      nameOf(other) === nameOf(line) &&
      frameOf(other).method === undefined &&
      frameOf(other).id === frameOf(line).id,
  );

/** What a call has made. */
function madeBy(
  lines: readonly RecordedEntry[],
  call: RecordedEntry,
): Partial<Record<'thread' | 'turn', string>> {
  const reply = replyTo(lines, call);
  const { thread, turn } = Object(reply && frameOf(reply).result) as Made;
  const { method } = frameOf(call);
  if (method === 'thread/start' && thread) return { thread: thread.id };
  return method === 'turn/start' && turn ? { turn: turn.id } : {};
}

type Made = Readonly<Partial<Record<'thread' | 'turn', { readonly id: string }>>>;

/** Where a turn or a thread was heard of first, but for replies. */
const firstOf = (lines: readonly RecordedEntry[], id: string | undefined): number =>
  lines.findIndex((line) => {
    const { turn, thread } = Object(frameOf(line).params) as Made;
    return line.dir === 'in' && id !== undefined && (turn ?? thread)?.id === id;
  });

/** The recorded calls by the line before which they are made. */
function callsBy(
  lines: readonly RecordedEntry[],
  announces: boolean,
): ReadonlyMap<number, readonly RecordedEntry[]> {
  const calls = new Map<number, RecordedEntry[]>();
  for (const [index, line] of lines.entries()) {
    const { id, method } = frameOf(line);
    if (line.dir !== 'out' || method === undefined || id === undefined) continue;
    const { thread, turn } = madeBy(lines, line);
    const reply = replyTo(lines, line);
    const last = reply ? lines.indexOf(reply) : index;
    const effect = firstOf(lines, thread ?? turn);
    const isEarly = effect > index && (announces || thread !== undefined);
    const at = isEarly ? Math.min(effect, last) : last;
    calls.set(at, [...(calls.get(at) ?? []), line]);
  }
  return calls;
}

/** The ids that the recorded calls have given. A turn that was heard of before has its id. */
function recordedIds(
  lines: readonly RecordedEntry[],
  due: ReadonlyMap<number, readonly RecordedEntry[]>,
): Record<'thread' | 'turn', string[]> {
  const ids = { thread: new Set<string>(), turn: new Set<string>() };
  for (const [at, calls] of [...due].sort(([one], [other]) => one - other)) {
    for (const call of calls) {
      const { thread, turn } = madeBy(lines, call);
      if (thread) ids.thread.add(thread);
      const heard = firstOf(lines, turn);
      if (turn && (heard === -1 || heard >= at)) ids.turn.add(turn);
    }
  }
  return { thread: [...ids.thread], turn: [...ids.turn] };
}
