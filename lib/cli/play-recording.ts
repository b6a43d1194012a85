import { lastValueFrom, tap, type Subscription } from 'rxjs';
import { connectManager } from '../manager/index.js';
import { readRecordingFile } from '../node/index.js';
import { playback } from '../recording/playback.js';
import { managerFrame } from '../recording/manager-frame.js';
import type { CodexStream } from '../stream/index.js';
import { startStreamServer, type RestReply } from '../testing/index.js';
import { messageOf } from '../text/index.js';
import { firstAttempt } from './connection.js';
import { note } from './note.js';
import type { PlaybackClock } from './playback-clock.js';
import type { Terminal } from './terminal.js';

/** What is in a recording. Times are milliseconds since it began. */
export interface RecordingContent {
  readonly file: string;
  readonly threads: ReadonlySet<string>;
  readonly first: number;
  readonly last: number;
  /** When it began: milliseconds since the epoch. */
  readonly startedAt: number;
}

/** @throws RecordingError if it cannot be replayed. */
export async function readContent(file: string): Promise<RecordingContent> {
  const threads = new Set<string>();
  const times: { first?: number; last?: number } = {};
  const all$ = playback(readRecordingFile(file), { speed: Infinity, malformed: () => undefined });
  const read$ = all$.pipe(
    tap(({ t, event: { threadId, turnId } }) => {
      if (threadId !== null && turnId !== null) threads.add(threadId);
      times.first ??= t;
      times.last = t;
    }),
  );
  await lastValueFrom(read$, { defaultValue: null });
  const { first = 0, last = 0 } = times;
  return { file, threads, first, last, startedAt: await startOf(file) };
}

async function startOf(file: string): Promise<number> {
  for await (const block of readRecordingFile(file)) {
    const [header = ''] = block.split('\n', 1);
    return Date.parse((JSON.parse(header) as { startedAt: string }).startedAt);
  }
  return 0;
}

/** A recording that is played once, by a codex-manager. */
export interface PlayedRecording {
  readonly stream: CodexStream;
  /** Plays it by a clock, which stands still until `started` is called. */
  begin(clock: PlaybackClock, started: () => void): Subscription;
  close(): Promise<void>;
}

export async function serveRecording(
  { file, threads, first, startedAt }: RecordingContent,
  terminal: Terminal,
): Promise<PlayedRecording> {
  const server = await startStreamServer({ rest: ({ url }) => storedOf(url, threads) });
  const stream = connectManager({ url: server.url, health: false, resync: false, log: false });
  await firstAttempt(stream);
  const malformed = ({ line, message }: { line: number; message: string }) => {
    note(terminal, `line ${line}: ${message}`);
  };
  return {
    stream,
    begin: (scheduler, started) =>
      playback(readRecordingFile(file), { scheduler, malformed }).subscribe({
        next({ t, event }) {
          if (t === first) started();
          // The page draws it at its own time, however fast it comes.
          server.send({ ...managerFrame(event), recordedAt: startedAt + t } as never);
        },
        error(error: unknown) {
          note(terminal, messageOf(error));
        },
      }),
    async close() {
      await stream.close();
      await server.close();
    },
  };
}

/** The threads that have turns are stored, with nothing in them: that is in the recording. */
function storedOf(url: string, threads: ReadonlySet<string>): RestReply {
  const [, path = '', id = ''] = /^(\/api\/sessions)(?:\/([^/?]+))?(?:\?|$)/.exec(url) ?? [];
  if (path === '') return { status: 404, body: null };
  if (id === '') {
    const data = [...threads].map((sessionId) => ({ sessionId }));
    return { status: 200, body: { data, nextCursor: null } };
  }
  const sessionId = decodeURIComponent(id);
  return threads.has(sessionId)
    ? { status: 200, body: { session: { sessionId }, thread: { id: sessionId }, transcript: [] } }
    : { status: 404, body: null };
}
