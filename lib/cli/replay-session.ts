import { lastValueFrom, tap } from 'rxjs';
import { setTimeout as delay } from 'node:timers/promises';
import { forThread } from '../match/index.js';
import { readRecordingFile } from '../node/index.js';
import { playback, type ReplayOptions } from '../recording/playback.js';
import { createRouter } from '../router/index.js';
import type { Command } from './command.js';
import { untilInterrupted } from './interrupted.js';
import { note as writeNote } from './note.js';
import { messageOf } from '../text/index.js';
import { serveSession } from './serve-session.js';
import { showEvents } from './show-session.js';
import type { Terminal } from './terminal.js';
import { timelineOn, type Timeline } from './timeline.js';

type ReplayCommand = Extract<Command, { readonly name: 'replay' }>;

/** Shows a recorded session, or serves it. Resolves with the exit code when it ends. */
export async function replaySession(command: ReplayCommand, terminal: Terminal): Promise<number> {
  const { file, port, sock, speed } = command;
  const timeline = timelineOn(terminal);
  const note = (text: string) => {
    timeline.end();
    writeNote(terminal, text);
  };
  const options: ReplayOptions = {
    speed,
    ...(sock !== undefined && { sock }),
    malformed({ line, message }) {
      note(`line ${line}: ${message}`);
    },
  };
  try {
    if (port === undefined) await show(command, options, terminal, timeline);
    else await serveSession({ file, port, options }, terminal, note);
    return 0;
  } catch (error) {
    note(`cannot replay ${file}: ${messageOf(error)}`);
    return 1;
  } finally {
    timeline.end();
  }
}

async function show(
  command: ReplayCommand,
  options: ReplayOptions,
  terminal: Terminal,
  timeline: Timeline,
): Promise<void> {
  const { file, thread } = command;
  const router = createRouter();
  const matches = thread === undefined ? () => true : forThread(thread).test;
  showEvents(router, command, terminal, timeline);
  const session$ = playback(backpressured(readRecordingFile(file), terminal), options).pipe(
    tap(({ t, event }) => {
      const context = { threadId: null, connection: 1, reconnects: 0, receivedAt: t };
      if (matches(event)) router.dispatch(event, context);
    }),
    untilInterrupted(terminal),
  );
  await lastValueFrom(session$, { defaultValue: null });
}

/** How many bytes of output may wait for a reader. */
const maxWaiting = 2 ** 24;

/** Reads no faster than the output is read. */
async function* backpressured(
  blocks: AsyncIterable<string>,
  { waiting, interrupted }: Terminal,
): AsyncGenerator<string> {
  for await (const block of blocks) {
    while (waiting() > maxWaiting && !interrupted.aborted) await delay(10);
    yield block;
  }
}
