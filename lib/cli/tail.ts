import { connectManager } from '../manager/index.js';
import { withoutSecrets } from '../recording/without-secrets.js';
import type { Command } from './command.js';
import { closed, firstAttempt } from './connection.js';
import { note } from './note.js';
import { showEvents, showTrouble } from './show-session.js';
import type { Terminal } from './terminal.js';
import { timelineOn } from './timeline.js';

type TailCommand = Extract<Command, { readonly name: 'tail' }>;

/** Shows the events of a live server. Resolves with the exit code when it ends. */
export async function tail(command: TailCommand, terminal: Terminal): Promise<number> {
  const { url, thread } = command;
  const stream = connectManager({
    log: false,
    url,
    signal: terminal.interrupted,
    ...(thread !== undefined && { threadId: thread }),
  });
  const timeline = timelineOn(terminal);
  showEvents(stream, command, terminal, timeline);

  const failure = await firstAttempt(stream);
  if (failure !== null) {
    await stream.close();
    if (terminal.interrupted.aborted) return 0;
    note(terminal, `cannot tail ${withoutSecrets(url)}: ${failure}`);
    return 1;
  }
  showTrouble(stream, (text) => {
    timeline.end();
    note(terminal, text);
  });
  const { reason, error } = await closed(stream);
  timeline.end();
  if (reason !== 'failed') return 0;
  note(terminal, error?.message ?? 'the stream ended');
  return 1;
}
