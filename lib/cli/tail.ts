import { connectManager } from '../manager/index.js';
import { withoutSecrets } from '../recording/without-secrets.js';
import type { Command } from './command.js';
import { closed, firstAttempt } from './connection.js';
import { note } from './note.js';
import type { CodexStream } from '../stream/index.js';
import { showEvents, showTrouble } from './show-session.js';
import type { Terminal } from './terminal.js';
import { showLive } from './tail-live.js';
import { timelineOn } from './timeline.js';

type TailCommand = Extract<Command, { readonly name: 'tail' }>;

/**
 * Shows what a live server does: as it is now in a terminal, and otherwise event by event. Resolves
 * with the exit code when it ends.
 */
export async function tail(command: TailCommand, terminal: Terminal): Promise<number> {
  const { url, thread } = command;
  const stream = connectManager({
    log: false,
    url,
    signal: terminal.interrupted,
    ...(thread !== undefined && { threadId: thread }),
  });
  const isLive = terminal.columns < Infinity && !command.json && command.prefixes.length === 0;
  const view = isLive ? showLive(stream, terminal, thread) : showPlain(stream, command, terminal);

  const failure = await firstAttempt(stream);
  if (failure !== null) {
    await stream.close();
    view.end();
    if (terminal.interrupted.aborted) return 0;
    note(terminal, `cannot tail ${withoutSecrets(url)}: ${failure}`);
    return 1;
  }
  showTrouble(stream, (text) => {
    view.clear();
    note(terminal, text);
  });
  const { reason, error } = await closed(stream);
  view.end();
  if (reason !== 'failed') return 0;
  note(terminal, error?.message ?? 'the stream ended');
  return 1;
}

function showPlain(stream: CodexStream, command: TailCommand, terminal: Terminal) {
  const timeline = timelineOn(terminal);
  showEvents(stream, command, terminal, timeline);
  const end = () => {
    timeline.end();
  };
  return { clear: end, end };
}
