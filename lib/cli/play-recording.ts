import { lastValueFrom, tap } from 'rxjs';
import { readRecordingFile } from '../node/index.js';
import { managerFrame } from '../recording/manager-frame.js';
import { replay, type ReplayOptions } from '../recording/index.js';
import { startStreamServer, type RestReply } from '../testing/index.js';
import { messageOf } from '../text/index.js';
import { untilInterrupted } from './interrupted.js';
import { note } from './note.js';
import type { Terminal } from './terminal.js';

/** A recording that is served as a codex-manager, and played once. */
export interface PlayedRecording {
  readonly url: string;
  readonly begin: () => void;
  readonly close: () => Promise<void>;
}

/** @throws RecordingError now, if it cannot be replayed. */
export async function startRecording(
  file: string,
  options: ReplayOptions,
  terminal: Terminal,
): Promise<PlayedRecording> {
  const threads = new Set<string>();
  const read$ = replay(readRecordingFile(file), { speed: Infinity, malformed: () => undefined });
  await lastValueFrom(
    read$.pipe(
      tap(({ threadId, turnId }) => {
        if (threadId !== null && turnId !== null) threads.add(threadId);
      }),
    ),
    { defaultValue: null },
  );
  const server = await startStreamServer({ rest: ({ url }) => storedOf(url, threads) });
  return {
    url: server.url,
    begin() {
      const events$ = replay(readRecordingFile(file), options).pipe(untilInterrupted(terminal));
      events$.subscribe({
        next(event) {
          server.send(managerFrame(event) as { type: string });
        },
        error(error: unknown) {
          note(terminal, messageOf(error));
        },
      });
    },
    close: () => server.close(),
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
