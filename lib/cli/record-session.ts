import { openWebSocket } from '../index.js';
import { rm } from 'node:fs/promises';
import { connectManager } from '../manager/index.js';
import { connectAppServer, writeRecordingFile } from '../node/index.js';
import { recordTransport, redact, type RecordingStats } from '../recording/index.js';
import { withoutSecrets } from '../recording/without-secrets.js';
import type { OpenTransport } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';
import type { Command } from './command.js';
import { closed, firstAttempt } from './connection.js';
import { note as writeNote } from './note.js';
import { messageOf } from '../text/index.js';
import { showTrouble } from './show-session.js';
import type { Terminal } from './terminal.js';

type RecordCommand = Extract<Command, { readonly name: 'record' }>;

/** Records what goes over the wire to a live server. Resolves with the exit code when it ends. */
export async function recordSession(command: RecordCommand, terminal: Terminal): Promise<number> {
  const note = (text: string) => {
    writeNote(terminal, text);
  };
  const { out } = command;
  const file = out === undefined ? null : writeRecordingFile(out);
  const stdout = {
    write: terminal.out,
    get writableLength() {
      return terminal.waiting();
    },
  };
  /** Aborted when the recording cannot be written. */
  const unwritable = new AbortController();
  const recording = recordTransport(openWebSocket, file ?? stdout, {
    protocol: isAppServer(command) ? 'app-server' : 'codex-manager',
    ...(command.redact && { redact: redact() }),
    failed(error) {
      note(`cannot write the recording: ${messageOf(error)}`);
      unwritable.abort();
    },
  });
  const signal = AbortSignal.any([terminal.interrupted, unwritable.signal]);
  const { stream, follow } = connect(command, recording, signal);

  const failure = (await firstAttempt(stream)) ?? (await follow().catch(messageOf));
  if (failure !== null) {
    await stream.close();
    await recording.close();
    // It is empty, and its name can be used again.
    if (out !== undefined) await rm(out);
    if (terminal.interrupted.aborted) return 0;
    if (unwritable.signal.aborted) return 1;
    note(`cannot record ${withoutSecrets(command.url)}: ${failure}${hint(command)}`);
    return 1;
  }
  showTrouble(stream, note);
  const { reason, error } = await closed(stream);
  await stream.close();
  await recording.close();
  note(summary(recording.stats(), command));
  if (unwritable.signal.aborted) return 1;
  if (reason !== 'failed') return 0;
  note(error?.message ?? 'the stream ended');
  return 1;
}

interface Connected {
  readonly stream: CodexStream;
  /** Follows the thread, where that needs a call. */
  readonly follow: () => Promise<null>;
}

function connect(
  { url, thread, ...command }: RecordCommand,
  transport: OpenTransport,
  signal: AbortSignal,
) {
  if (!isAppServer({ url, ...command })) {
    const filter = thread === undefined ? {} : { threadId: thread };
    const stream = connectManager({ url, transport, signal, log: false, resync: false, ...filter });
    return { stream, follow: () => Promise.resolve(null) } satisfies Connected;
  }
  // Requests of the server are recorded and not answered.
  const stream = connectAppServer({ url, transport, signal, log: false });
  const follow = async () => {
    if (thread !== undefined) await stream.call('thread/resume', { threadId: thread });
    return null;
  };
  return { stream, follow } satisfies Connected;
}

const isAppServer = ({ url, appServer }: Pick<RecordCommand, 'url' | 'appServer'>): boolean =>
  appServer || url.startsWith('unix:');

const hint = (command: RecordCommand): string =>
  !isAppServer(command) && command.url.startsWith('ws')
    ? ' If it is a codex app-server, give --app-server.'
    : '';

function summary({ lines, bytes, missing, redacted }: RecordingStats, command: RecordCommand) {
  const cut = redacted.map(({ rule, count }) => `${rule} ${count}`).join(', ') || 'nothing';
  const size =
    bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
  return [
    `${lines} lines, ${size}, in ${command.out ?? 'stdout'}.`,
    command.redact ? `Cut out: ${cut}.` : 'Secrets are left in it.',
    ...(missing > 0 ? [`Missing lines: ${missing}.`] : []),
  ].join(' ');
}
