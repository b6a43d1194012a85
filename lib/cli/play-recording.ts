import { lastValueFrom, tap } from 'rxjs';
import { readRecordingFile } from '../node/index.js';
import { managerFrame } from '../recording/manager-frame.js';
import { replay, type ReplayOptions } from '../recording/index.js';
import { startStreamServer } from '../testing/index.js';
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
      tap(({ threadId }) => {
        if (threadId !== null) threads.add(threadId);
      }),
    ),
    { defaultValue: null },
  );
  // They are listed, and cannot be read: what is known of them is what was recorded.
  const data = [...threads].map((sessionId) => ({ sessionId }));
  const list = { status: 200, body: { data, nextCursor: null } };
  const server = await startStreamServer({
    rest: ({ url }) => (/^\/api\/sessions(\?|$)/.test(url) ? list : { status: 404, body: null }),
  });
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
