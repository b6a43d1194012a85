import { connectManager, ofAppServerRequest, type CodexStream, type Envelope } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { readRecording, type RecordedEntry } from 'codex-rx/recording';
import { fakeTransport } from 'codex-rx/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTask } from 'node:timers/promises';
import { answerRequest } from '../support/open-requests.js';

/** A frame of JSON-RPC, in either direction. */
export interface Frame {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Line extends RecordedEntry {
  readonly frame: Frame;
}

const read = (source: string, file: string) =>
  readRecording(
    readFileSync(new URL(`../recordings/${source}/${file}`, import.meta.url), 'utf8'),
  ).entries.filter((entry): entry is Line => 'frame' in entry);

/** Each client of each recording of `codex app-server`. */
export const recordedClients: readonly (readonly [file: string, client: string])[] = readdirSync(
  new URL('../recordings/app-server/', import.meta.url),
)
  .sort()
  .flatMap((file) => {
    const clients = read('app-server', file).map(({ sock }) => sock as string);
    return [...new Set(clients)].map((client) => [file, client] as const);
  });

const linesOf = (file: string, client: string): readonly Line[] =>
  read('app-server', file).filter(({ sock }) => sock === client);

/** The notifications and the requests that a client was sent. */
export const messagesTo = (file: string, client: string): readonly Frame[] =>
  linesOf(file, client)
    .filter(({ dir, frame }) => dir === 'in' && frame.method !== undefined)
    .map(({ frame }) => frame);

/** What became of a call, beside what the recording says. */
export interface Settled {
  readonly recorded: Frame;
  readonly settled: unknown;
}

/**
 * Replays what one client of a recording did and heard: its calls are made and answered, its events
 * come, its answers are given, in the recorded order.
 *
 * @param watch Is given the stream before it connects.
 */
export async function replayAppServer(
  file: string,
  watch: (stream: CodexStream) => void,
  client = 'A',
): Promise<readonly Settled[]> {
  const lines = linesOf(file, client);
  const socket = fakeTransport();
  const stream = connectAppServer({
    url: 'ws://fake',
    transport: socket.open,
    heartbeat: false,
    reconnect: false,
    random: () => 0,
  });
  const sent = () => JSON.parse(socket.last.sent.at(-1)!) as Frame;
  const open: Envelope[] = [];
  stream.events$.pipe(ofAppServerRequest()).subscribe((event) => open.push(event));
  watch(stream);
  const ready = stream.connect();
  socket.last.accept();
  /** The ids of the stream's own calls, by those of the recording. */
  const ids = new Map<unknown, Frame['id']>();
  const calls: Promise<Settled>[] = [];
  for (const { dir, frame } of lines) {
    const { id, method } = frame;
    if (dir === 'out' && method === 'initialize') ids.set(id, sent().id);
    else if (dir === 'out' && method !== undefined && id !== undefined) {
      await ready;
      const recorded = lines.find(
        (line) => line.dir === 'in' && line.frame.id === id && line.frame.method === undefined,
      )!.frame;
      calls.push(
        (stream.call as (...args: unknown[]) => Promise<unknown>)(method, frame.params).then(
          (settled) => ({ recorded, settled }),
          (settled: unknown) => ({ recorded, settled }),
        ),
      );
      ids.set(id, sent().id);
    } else if (dir === 'out' && id !== undefined) {
      const request = open.find((event) => event.requestId === id);
      if (request) answerRequest(stream, request, frame.result as never);
    } else if (dir === 'in') {
      socket.last.send(method === undefined ? { ...frame, id: ids.get(id) } : frame);
      // A response lets promises go on first.
      await nextTask();
    }
  }
  const settled = await Promise.all(calls);
  await stream.close();
  return settled;
}

/** Replays what a recording of codex-manager has on its socket. */
export async function replayManager(
  file: string,
  watch: (stream: CodexStream) => void,
): Promise<void> {
  const socket = fakeTransport();
  const stream = connectManager({ url: 'ws://fake', transport: socket.open, heartbeat: false });
  watch(stream);
  void stream.connect();
  socket.last.accept();
  for (const { dir, sock, frame } of read('codex-manager', file)) {
    if (dir === 'in' && sock === 'all') socket.last.send(frame);
  }
  await stream.close();
}
