import { connectManager, type ManagerStream } from '../manager/index.js';
import { ofPrefix } from '../match/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { Command } from './command.js';
import { createPaint } from './paint.js';
import { showSession, showTrouble } from './show-session.js';
import type { Terminal } from './terminal.js';
import { createTimeline, type Timeline } from './timeline.js';

type TailCommand = Extract<Command, { readonly name: 'tail' }>;

/** Shows the events of a live server. Resolves with the exit code when it ends. */
export async function tail(command: TailCommand, terminal: Terminal): Promise<number> {
  const { url, thread } = command;
  const stream = connectManager({
    url,
    signal: terminal.interrupted,
    ...(thread !== undefined && { threadId: thread }),
  });
  const timeline = createTimeline(terminal.out, createPaint(terminal.coloured));
  show(stream, command, terminal, timeline);

  const failure = await firstAttempt(stream);
  if (failure !== null) {
    await stream.close();
    if (terminal.interrupted.aborted) return 0;
    terminal.err(`codex-rx: cannot tail ${withoutSecrets(url)}: ${failure}\n`);
    return 1;
  }
  showTrouble(stream, (text) => {
    timeline.end();
    terminal.err(`codex-rx: ${text}\n`);
  });
  const { reason, error } = await end(stream);
  timeline.end();
  if (reason !== 'failed') return 0;
  terminal.err(`codex-rx: ${error?.message ?? 'the stream ended'}\n`);
  return 1;
}

function show(
  stream: ManagerStream,
  { prefixes, json }: TailCommand,
  terminal: Terminal,
  timeline: Timeline,
): void {
  const [first = '', ...others] = prefixes;
  if (json) {
    stream.on(ofPrefix(first, ...others), function printJson(event) {
      terminal.out(`${JSON.stringify(event)}\n`);
    });
  } else if (prefixes.length > 0) {
    stream.on(ofPrefix(first, ...others), function showType(event, context) {
      timeline.event(event, context, 'cyan', '·', event.type);
    });
  } else {
    showSession(stream, timeline);
  }
}

type Closed = Extract<ConnectionStatus, { readonly state: 'closed' }>;

/** Connects: `null`, or why the first attempt failed. A later loss is another matter. */
const firstAttempt = (stream: ManagerStream): Promise<string | null> =>
  new Promise((resolve) => {
    stream.status$.subscribe((status) => {
      if (status.state === 'open' && status.phase === 'ready') resolve(null);
      else if (status.state === 'waiting') resolve(status.error.message);
      else if (status.state === 'closed') resolve(status.error?.message ?? status.reason);
    });
    void stream.connect();
  });

const end = (stream: ManagerStream): Promise<Closed> =>
  new Promise((resolve) => {
    stream.status$.subscribe((status) => {
      if (status.state === 'closed') resolve(status);
    });
  });

/** A url as it may be shown: its query may hold a token, and it may hold a password. */
const withoutSecrets = (url: string): string =>
  url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
