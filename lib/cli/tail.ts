import { connectManager, type ManagerStream } from '../manager/index.js';
import { ofPrefix } from '../match/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { Command } from './command.js';
import { createPaint } from './paint.js';
import { showSession, showTrouble } from './show-session.js';
import type { Terminal } from './terminal.js';
import { createTimeline } from './timeline.js';

type TailCommand = Extract<Command, { readonly name: 'tail' }>;

/** Shows the events of a live server. Resolves with the exit code when it ends. */
export async function tail(command: TailCommand, terminal: Terminal): Promise<number> {
  const { url, thread } = command;
  const stream = connectManager({
    url,
    signal: terminal.interrupted,
    ...(thread !== undefined && { threadId: thread }),
  });
  show(stream, command, terminal);

  const first = await firstAttempt(stream);
  if (first !== null) {
    await stream.close();
    if (terminal.interrupted.aborted) return 0;
    terminal.err(`codex-rx: cannot tail ${withoutQuery(url)}: ${first}\n`);
    return 1;
  }
  showTrouble(stream, (text) => {
    terminal.err(`codex-rx: ${text}\n`);
  });
  const end = await lastStatus(stream);
  if (end.reason !== 'failed') return 0;
  terminal.err(`codex-rx: ${end.error?.message ?? 'the stream ended'}\n`);
  return 1;
}

function show(stream: ManagerStream, { prefixes, json }: TailCommand, terminal: Terminal): void {
  const wanted = prefixes.length > 0 ? prefixes : [''];
  const matcher = ofPrefix(wanted[0] ?? '', ...wanted.slice(1));
  if (json) {
    stream.on(matcher, function printJson(event) {
      terminal.out(`${JSON.stringify(event)}\n`);
    });
    return;
  }
  const paint = createPaint(terminal.coloured);
  const timeline = createTimeline(terminal.out, paint);
  if (prefixes.length === 0) showSession(stream, timeline);
  else {
    stream.on(matcher, function showType(event, context) {
      timeline.event(event, context, 'cyan', '·', event.type);
    });
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

const lastStatus = (stream: ManagerStream): Promise<Closed> =>
  new Promise((resolve) => {
    stream.status$.subscribe((status) => {
      if (status.state === 'closed') resolve(status);
    });
  });

/** A url as it may be shown: its query may hold a token. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '');
